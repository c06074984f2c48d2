/** How much code a page of the site loads, gzipped: before its first picture, and in all. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { PAGES } from '../../demo/frame/pages.ts';
import { builtPage } from './builtPage.ts';

const built = builtPage();

/** In KB. */
const FIRST_PICTURE = 60;
const WHOLE_PAGE = 180;
const LANDING_PAGE = 150;

/** Without hash and ending: `chart` of `chart-CnsZ1jie.js`. */
const nameOf = (file: string) => /([\w.]+)-[\w-]{8}\.\w+$/.exec(file)?.[1] ?? '';

/** Shaders as texts for people, which are fetched one by one, when a visitor asks to read one. */
const shaders = new Set(readdirSync('shaders').map((name) => name.replace('.wgsl', '')));
/**
 * What a page fetches after a press: the self-test, with an engine of its own in a worker, what draws a run's curves
 * and its test, what the lab unfolds or opens, what keeps models by an address, and layers that a model's file asks for; and what the lab has below its section of training,
 * when a visitor has scrolled to it. Where there is no GPU, the trained network of the landing page comes in place of the engine.
 */
const onDemand = new Set([
  ...['augmentation', 'places', 'stored', 'selfTest', 'chart', 'runTable', 'testResult', 'styles', 'uplot'],
  ...[
    'trainingJob',
    'result',
    'sections',
    'openUserFiles',
    'brainPicture',
    'kernelTiles',
    'dataMore',
    'editor',
    'evidence',
    'files',
    'layers',
    'linkDialog',
    'mapDialog',
    'settingsMore',
  ],
]);
/** What `fit` needs, which these pages call when they open; the lab when a run is started, and the others never. */
const OF_FIT = new Set(['fitRun', 'streamBatches', 'runFile']);
const FITTING = ['learning.html', 'tangent.html', 'machine.html'];
/** What only the late parts of the lab fetch, though other pages have it from the start. */
const LATE_IN_LAB = new Set(['options', 'slider', 'scale']);

/** Files that another one names: those that it waits for (a module's imports, a page's scripts and styles), and all. */
function namedIn(file: string): { first: string[]; all: string[] } {
  const text = readFileSync(join(built.folder, file), 'utf8');
  const within = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => `assets/${name}`);
  const first = file.endsWith('.html')
    ? within(/(?:src|href)="\.\/assets\/([^"]+)"/g)
    : within(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+)["'`]/g);
  return { first, all: [...first, ...within(/["'`/]([\w.]+-[\w-]{8}\.(?:js|css|png|safetensors))["'`]/g)] };
}

/** Files that a page loads from a file on. */
function loadedFrom(start: string, part: 'first' | 'all'): string[] {
  const found = new Set<string>([start]);
  const isLate = (name: string) =>
    shaders.has(name) ||
    onDemand.has(name) ||
    (OF_FIT.has(name) && !FITTING.includes(start)) ||
    (start === 'lab.html' && LATE_IN_LAB.has(name));
  for (const file of found) {
    const named = namedIn(file);
    // What a file cannot run without comes with it, whatever it is called.
    for (const name of named[part]) if (named.first.includes(name) || !isLate(nameOf(name))) found.add(name);
  }
  return [...found];
}

/** Of code: pictures and weights are data. */
const kilobytes = (files: readonly string[]) =>
  files
    .filter((file) => /\.(html|js|css)$/.test(file))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(built.folder, file))).length, 0) / 1000;

test.each(PAGES.map(({ name }) => name))('%s', (name) => {
  const first = loadedFrom(`${name}.html`, 'first');
  const all = loadedFrom(`${name}.html`, 'all');
  const sizes = { first: kilobytes(first), all: kilobytes(all) };
  console.log(
    `${name}: ${sizes.first.toFixed(1)} KB before the first picture, ${sizes.all.toFixed(1)} in all: ${all.join(', ')}`,
  );
  expect(first.some((file) => file.endsWith('.js'))).toBe(true);
  expect(sizes.first).toBeLessThan(FIRST_PICTURE);
  expect(sizes.all).toBeLessThan(name === 'index' ? LANDING_PAGE : WHOLE_PAGE);
});

test('each file of the site belongs to a page, and none is missing', () => {
  const files = readdirSync(join(built.folder, 'assets')).map((name) => `assets/${name}`);
  const loaded = new Set(PAGES.flatMap(({ name }) => loadedFrom(`${name}.html`, 'all')));
  const later = files.filter(
    (file) => shaders.has(nameOf(file)) || onDemand.has(nameOf(file)) || OF_FIT.has(nameOf(file)),
  );
  expect(files.filter((file) => !loaded.has(file) && !later.includes(file))).toEqual([]);
  expect([...loaded].filter((file) => file.startsWith('assets/') && !files.includes(file))).toEqual([]);
  expect([...new Set(later.map(nameOf))].sort()).toEqual([...shaders, ...onDemand, ...OF_FIT].sort());
});
