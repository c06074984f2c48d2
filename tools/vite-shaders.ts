/**
 * A vite plugin for shaders. `x.wgsl?raw` is the text that the engine compiles: the whole file during development, so
 * that compilers' messages have the right lines, and minified in a build. `x.wgsl?source` is always the whole file, to
 * be shown.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { minifyShaders } from './wgsl.ts';

/** The shaders of the engine's core, and those of `neurite/augmentation`, which few pages load: a module for each. */
const [CORE, AUGMENTATION] = ['\0core-shaders', '\0augmentation-shaders'] as const;
const groupOf = (name: string) => (name.startsWith('random') ? AUGMENTATION : CORE);

/** @param folder where the shaders lie */
export function shaders(folder: string): Plugin {
  let shipping = false;
  return {
    name: 'shaders',
    enforce: 'pre',
    configResolved({ command }) {
      shipping = command === 'build';
    },
    resolveId: (id) => (id === CORE || id === AUGMENTATION ? id : undefined),
    async load(id) {
      if (id === CORE || id === AUGMENTATION) {
        const texts = minifyShaders(await readShaders(folder)); // all together, so that the same things have the same names
        return moduleOf(new Map([...texts].filter(([name]) => groupOf(name) === id)));
      }
      const match = /^(.*\.wgsl)\?(raw|source)$/.exec(id);
      // Shaders in other folders, e.g. those of the benchmark, are not minified.
      if (!match || dirname(resolve(match[1]!)) !== resolve(folder)) return undefined;
      const file = match[1]!;
      const name = basename(file, '.wgsl');
      if (shipping && match[2] === 'raw') return `export { ${name} as default } from '${groupOf(name)}';`;
      return `export default ${JSON.stringify(await readFile(file, 'utf8'))};`;
    },
  };
}

/** The texts by name, without `.wgsl`. */
async function readShaders(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.wgsl')).sort();
  const texts = files.map(
    async (file) => [basename(file, '.wgsl'), await readFile(join(folder, file), 'utf8')] as const,
  );
  return new Map(await Promise.all(texts));
}

/**
 * A single module with shaders. Deflate looks back 32 KB, so the text compresses best if the shaders follow one
 * another, each after the one that is most similar to it.
 */
function moduleOf(texts: ReadonlyMap<string, string>): string {
  const size = (text: string) => gzipSync(text).length;
  const alone = new Map([...texts].map(([name, text]) => [name, size(text)]));
  const left = [...texts.keys()];
  const lines: string[] = [];
  for (let last = ''; left.length > 0; ) {
    const further = left.map((name) => size(last + texts.get(name)!) - alone.get(name)!);
    const [next] = left.splice(further.indexOf(Math.min(...further)), 1);
    last = texts.get(next!)!;
    lines.push(`export const ${next} = ${JSON.stringify(last)};`);
  }
  return lines.join('\n');
}
