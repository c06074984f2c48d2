import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

const root = resolve(import.meta.dirname, '..');

/** An entry module with all its imports, as a visitor's browser would load it. */
export interface Bundle {
  /** Text of each file by its name; the entry is `entry.js`. */
  readonly files: ReadonlyMap<string, string>;
}

/** Builds an entry, given by its path in the repository, minified, the way `npm run build` builds the engine. */
export async function bundle(entry: string): Promise<Bundle> {
  const output = await build({
    configFile: join(root, 'vite.config.ts'),
    mode: 'lib',
    logLevel: 'error',
    // The first match is used.
    resolve: { alias: { 'neurite/brain': join(root, 'src/brain/index.ts'), neurite: join(root, 'src/index.ts') } },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      lib: { entry: join(root, entry), formats: ['es'], fileName: () => 'entry.js' },
    },
  });
  const outputs = (Array.isArray(output) ? output : [output]) as Rolldown.RolldownOutput[];
  const files = new Map<string, string>();
  for (const file of outputs.flatMap(({ output }) => output)) {
    if (file.type === 'chunk') files.set(file.fileName, file.code);
  }
  return { files };
}

export interface BundleSize {
  readonly name: string;
  /** Size of all files that such a page loads. */
  readonly bytes: number;
  readonly gzipped: number;
}

/** jax-js loads a backend when it is used. A page with WebGPU or WebAssembly never loads this one. */
const NEVER_LOADED = /webgl/;

export function sizeOf(name: string, { files }: Bundle): BundleSize {
  const loaded = [...files].filter(([file]) => !NEVER_LOADED.test(file)).map(([, text]) => text);
  const bytes = loaded.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { name, bytes, gzipped: gzippedBytes(loaded) };
}

/** Bytes of files, gzipped as servers do it (level 9 differs from the usual 6 by a percent). */
function gzippedBytes(texts: Iterable<string>): number {
  let sum = 0;
  for (const text of texts) sum += gzipSync(text, { level: 9 }).length;
  return sum;
}
