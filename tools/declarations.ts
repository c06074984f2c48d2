/**
 * The package's type declarations, out of the compiler's. They serve programs that the sources do not: those of TypeScript 5.4,
 * those without WebGPU's types, and those that call `require`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
/** The engine's, the augmentation's, the course's, the self-test's, TensorBoard's, the drawings', those of a model in a worker. */
const ENTRIES = [
  'index',
  ...['augmentation', 'brain', 'selftest', 'tensorboard', 'vis', 'worker'].map((name) => `${name}/index`),
  'worker/start',
];
/** What stands for WebGPU's types, see there. */
const WEBGPU = 'runtime/webgpuTypes';

/** Declarations by their path, without `.d.ts`. */
type Declarations = Map<string, string>;

/** Writes what the entries need into a folder: `x.d.ts` for `import`, `x.d.cts` for `require`. */
export function writeDeclarations(folder: string): void {
  const emitted = mkdtempSync(join(tmpdir(), 'neurite-types-'));
  try {
    const tsc = ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.build.json', '--outDir', emitted];
    const { status } = spawnSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });
    if (status !== 0) process.exit(1);
    for (const [path, text] of reachable(emitted)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, `${path}.d.ts`), importing(text, '.js'));
      writeFileSync(join(folder, `${path}.d.cts`), importing(text, '.cjs'));
    }
  } finally {
    rmSync(emitted, { recursive: true });
  }
}

const IMPORTS = /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]+?)(?:\.[jt]s)?\2/g;

/** The declarations that the entries are made of. */
function reachable(emitted: string): Declarations {
  const found: Declarations = new Map();
  const visit = (path: string) => {
    if (found.has(path)) return;
    const text = withWebGpu(path, forOldTypeScript(readFileSync(join(emitted, `${path}.d.ts`), 'utf8')));
    found.set(path, text);
    for (const [, , , target] of text.matchAll(IMPORTS)) visit(join(dirname(path), target!));
  };
  for (const entry of ENTRIES) visit(entry);
  return found;
}

/** Sources may import './x' or './x.ts'; declarations name what is loaded, which every kind of module resolution finds. */
function importing(text: string, ending: '.js' | '.cjs'): string {
  return text.replace(IMPORTS, `$1'$3${ending}'`);
}

/**
 * Arrays of a kind of buffer came with TypeScript 5.7. What the array's `of` returns is such an array there, as a Blob asks for,
 * and a plain one before.
 */
function forOldTypeScript(text: string): string {
  return text.replace(/\b(\w+Array)<ArrayBuffer>/g, 'ReturnType<typeof $1.of>');
}

/** Takes WebGPU's types from a file, not from the program, which may have none. */
function withWebGpu(path: string, text: string): string {
  if (path === WEBGPU) return text;
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const names = [...new Set(code.match(/\bGPU(?:[A-Z]\w*)?\b/g))].sort();
  if (names.length === 0) return text;
  const from = relative(dirname(path), WEBGPU).replaceAll('\\', '/');
  return `import type { ${names.join(', ')} } from '${from.startsWith('.') ? from : `./${from}`}';\n${text}`;
}
