/**
 * `npm run build`: the engine as one module (neurite.js), and beside it the layers of augmentation (augmentation.js, which it loads where
 * a model's file has some), the course's data (brain.js), the self-test (selftest.js), the files for TensorBoard (tensorboard.js), the
 * drawings (vis.js, which loads vis-uplot.js) and the model in a worker (worker.js and worker-start.js); the declarations of all
 * (types/); and the demo as a static site that works from any folder of any server (site/), with the documentation (site/docs/), all
 * under dist/.
 *
 * `--library` leaves out the site; `--out <folder>` builds elsewhere.
 */
import { copyFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { build } from 'vite';
import { optionsOf } from './commandLine.ts';
import { writeDeclarations } from './declarations.ts';
import { buildDocs } from './docs.ts';
import { ENTRIES, type EntryName, filesOf, libraryOf } from './vite-library.ts';

const options = optionsOf<{ library?: true; out?: string }>(
  new Command('npm run build --')
    .description('Builds the engine, its declarations, the page and its documentation, into dist/.')
    .option('--library', 'leave out the page and the documentation')
    .option('--out <folder>', 'build elsewhere'),
);
const out = resolve(options.out ?? 'dist');

const builds = (Object.keys(ENTRIES) as EntryName[]).flatMap((name) =>
  ENTRIES[name].formats.map((format) => ({ name, format })),
);
const files = builds.flatMap(({ name, format }) => filesOf(name, format));

// Removes only what earlier builds made, because other commands write to this folder too.
const results = [
  ...files.flatMap((file) => [file, `${file}.map`]),
  ...['LICENSE.uplot', 'types', ...(options.library ? [] : ['site'])],
];
for (const name of results) rmSync(join(out, name), { recursive: true, force: true });
const logLevel = options.library ? 'warn' : 'info';
for (const { name, format } of builds) {
  const { build: settings, ...config } = libraryOf(name, format);
  await build({ ...config, configFile: false, logLevel, build: { ...settings, outDir: out, sourcemap: true } });
}
copyFileSync('node_modules/uplot/LICENSE', join(out, 'LICENSE.uplot')); // vis-uplot.js holds a copy of uPlot
writeDeclarations(join(out, 'types'));
if (!options.library) {
  await build({ mode: 'site', build: { outDir: join(out, 'site') } });
  buildDocs(join(out, 'site', 'docs'));
} else for (const name of [...files, 'types']) console.log(written(join(options.out ?? 'dist', name)));

/** A line that says what is in the folder now. */
function written(path: string): string {
  if (statSync(path).isDirectory()) return `${path}${sep}`;
  const bytes = readFileSync(path);
  const kilobytes = (size: number) => `${(size / 1000).toFixed(1)} KB`;
  return `${path}  ${kilobytes(bytes.length)}, gzipped ${kilobytes(gzipSync(bytes, { level: 9 }).length)}`;
}
