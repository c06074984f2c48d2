/**
 * `npm run build`: the engine as one module without imports (neurite.js), the course's data (brain.js), the
 * self-test (selftest.js) and the files for TensorBoard (tensorboard.js) as others beside it, the declarations of all (types/) and the demo as a static site that
 * works from any folder of any server (site/), with the documentation (site/docs/), all under dist/.
 *
 * `--library` leaves out the site; `--out <folder>` builds elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { build } from 'vite';
import { optionsOf } from './commandLine.ts';
import { buildDocs } from './docs.ts';

const options = optionsOf<{ library?: true; out?: string }>(
  new Command('npm run build --')
    .description('Builds the engine, its declarations, the page and its documentation, into dist/.')
    .option('--library', 'leave out the page and the documentation')
    .option('--out <folder>', 'build elsewhere'),
);
const out = resolve(options.out ?? 'dist');

// Removes only what earlier builds made, because other commands write to this folder too.
const modules = ['neurite.js', 'brain.js', 'selftest.js', 'tensorboard.js'];
const results = [...modules, 'types', ...(options.library ? [] : ['site'])];
for (const name of results) rmSync(join(out, name), { recursive: true, force: true });
const logLevel = options.library ? 'warn' : 'info';
for (const mode of ['lib', 'brain', 'selftest', 'tensorboard']) await build({ mode, build: { outDir: out }, logLevel });
emitDeclarations(join(out, 'types'));
if (!options.library) {
  await build({ mode: 'site', build: { outDir: join(out, 'site') } });
  buildDocs(join(out, 'site', 'docs'));
} else for (const name of [...modules, 'types']) console.log(written(join(options.out ?? 'dist', name)));

/** A line that says what is in the folder now. */
function written(path: string): string {
  if (statSync(path).isDirectory()) return `${path}${sep}`;
  const bytes = readFileSync(path);
  const kilobytes = (size: number) => `${(size / 1000).toFixed(1)} KB`;
  return `${path}  ${kilobytes(bytes.length)}, gzipped ${kilobytes(gzipSync(bytes, { level: 9 }).length)}`;
}

function emitDeclarations(folder: string): void {
  const tsc = ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.build.json', '--outDir', folder];
  const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  // Sources may import './x' or './x.ts'; declarations say './x.js', which every kind of module resolution finds.
  const imports = /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]+?)(?:\.[jt]s)?\2/g;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(imports, "$1'$3.js'"));
  }
}
