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

const ALL = '\0all-shaders';

/** @param folder where the shaders lie */
export function shaders(folder: string): Plugin {
  let shipping = false;
  return {
    name: 'shaders',
    enforce: 'pre',
    configResolved({ command }) {
      shipping = command === 'build';
    },
    resolveId: (id) => (id === ALL ? id : undefined),
    async load(id) {
      if (id === ALL) return moduleOf(minifyShaders(await readShaders(folder)));
      const match = /^(.*\.wgsl)\?(raw|source)$/.exec(id);
      // Shaders in other folders, e.g. those of the benchmark, are not minified.
      if (!match || dirname(resolve(match[1]!)) !== resolve(folder)) return undefined;
      const file = match[1]!;
      if (shipping && match[2] === 'raw') return `export { ${basename(file, '.wgsl')} as default } from '${ALL}';`;
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
 * A single module with all shaders. Deflate looks back 32 KB, so the text compresses best if the shaders follow one
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
