/** `npm run check` holds imports to their directions: no circle of values, no import from a folder above. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const biome = resolve('node_modules/@biomejs/biome/bin/biome');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neurite-imports-'));
  const config = JSON.parse(readFileSync('biome.json', 'utf8'));
  // The folder is no repository, and has no schema.
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, $schema: undefined, vcs: undefined }));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes files, and checks them with the project's rules. @returns the names of the rules that they break */
function broken(files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  let report = '';
  try {
    report = execFileSync(process.execPath, [biome, 'lint', '--colors=off', '--reporter=json', '.'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    report = (error as { stdout: string }).stdout;
  }
  const { diagnostics } = JSON.parse(report) as { diagnostics: { category: string; severity: string }[] };
  return [...new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ category }) => category))];
}

test('two files that import values of one another', () => {
  const one = "import { b } from './b.ts';\nexport const a = () => b;\n";
  const other = "import { a } from './a.ts';\nexport const b = () => a;\n";
  expect(broken({ 'src/nn/a.ts': one, 'src/nn/b.ts': other })).toEqual(['lint/suspicious/noImportCycles']);
});

test('types may be imported in a circle', () => {
  const one = "import type { B } from './b.ts';\nexport type A = B[];\nexport const a = 1;\n";
  const other = "import { a } from './a.ts';\nexport type B = { of: typeof a };\n";
  expect(broken({ 'src/nn/a.ts': one, 'src/nn/b.ts': other })).toEqual([]);
});

test.each([
  ['src/shader/a.ts', '../ops/b.ts'],
  ['src/io/a.ts', '../nn/b.ts'],
  ['src/ndarray/a.ts', '../ops/b.ts'],
  ['src/ops/a.ts', '../plan/b.ts'],
  ['src/plan/a.ts', '../runtime/b.ts'],
  ['src/plan/fuse/a.ts', '../../nn/b.ts'],
  ['src/runtime/a.ts', '../ops/b.ts'],
  ['src/nn/step/a.ts', '../train/b.ts'],
  ['src/nn/train/a.ts', '../../brain/b.ts'],
  ['src/nn/train/a.ts', '../../tensorboard/b.ts'],
  ['src/brain/a.ts', '../runtime/b.ts'],
  ['src/augmentation/a.ts', '../runtime/b.ts'],
  ['src/tensorboard/a.ts', '../runtime/b.ts'],
  ['src/vis/a.ts', '../ops/b.ts'],
  ['src/worker/a.ts', '../runtime/b.ts'],
  ['src/nn/train/a.ts', '../../worker/b.ts'],
  ['demo/worker/a.ts', '../../src/nn/b.ts'],
  ['examples/own/a.ts', '../../src/nn/b.ts'],
])('%s does not import %s', (path, from) => {
  const target = join(dirname(path), from);
  const files = { [path]: `import { b } from '${from}';\nexport const a = b;\n`, [target]: 'export const b = 1;\n' };
  expect(broken(files)).toEqual(['lint/style/noRestrictedImports']);
});
