/** Packs the package and fails with what publint and Are the types wrong? find in it. One of the checks of check.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packInto, run } from './packed.ts';

const root = resolve(import.meta.dirname, '..');
const bin = (path: string) => join(root, 'node_modules', path);
const folder = mkdtempSync(join(tmpdir(), 'neurite-faults-'));
try {
  const { file } = packInto(folder);
  run(process.execPath, [bin('publint/src/cli.js'), '--strict', file], root);
  run(process.execPath, [bin('@arethetypeswrong/cli/dist/index.js'), '--no-color', file], root);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
