/** What every page may use, demo/ui and demo/draw, needs neither the training worker nor the state of the page that trains. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

const demo = resolve(import.meta.dirname, '..', '..', 'demo');
const FOLDERS = ['ui', 'draw'];
/** Beside files of the two folders. */
const ALLOWED = new Set(['format.ts', 'preact', 'preact/hooks', 'uplot', 'uplot/dist/uPlot.min.css']);

/** All that a module's text asks for: imports of values and of types, re-exports, workers and files by their URL. */
function importsOf(text: string): string[] {
  const patterns = [
    /\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(?\s*['"]([^'"]+)['"]/g,
    /\bnew URL\(\s*['"]([^'"]+)['"]/g,
    /\bimport\.meta\.glob[^(]*\(\s*['"]([^'"]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name!));
}

/** What a file may not ask for. @param file within demo/ */
function strangersOf(file: string, text: string): string[] {
  return importsOf(text)
    .map((name) => (name.startsWith('.') ? relative(demo, resolve(demo, dirname(file), name)) : name))
    .filter((name) => !ALLOWED.has(name) && !FOLDERS.some((folder) => name.startsWith(folder + sep)));
}

test('demo/ui and demo/draw import only each other, formats and libraries that draw', () => {
  const files = [...FOLDERS.flatMap((folder) => readdirSync(join(demo, folder)).map((name) => join(folder, name)))];
  expect(files.length).toBeGreaterThan(10);
  const strangers = [...files, 'format.ts'].flatMap((file) =>
    strangersOf(file, readFileSync(join(demo, file), 'utf8')).map((name) => `${file}: ${name}`),
  );
  expect(strangers).toEqual([]);
});

test.each([
  ["import { lab } from '../client.ts';", 'client.ts'],
  ["import type { RunRecord } from '../runs/record.ts';", join('runs', 'record.ts')],
  ["export * from '../state/data.ts';", join('state', 'data.ts')],
  ["await import('../protocol/index.ts');", join('protocol', 'index.ts')],
  ["import '../main.tsx';", 'main.tsx'],
  ["new Worker(new URL('../worker/lab.ts', import.meta.url));", join('worker', 'lab.ts')],
  ["import { sequential } from 'neurite';", 'neurite'],
])('%s would be found', (text, name) => {
  expect(strangersOf(join('draw', 'planted.ts'), text)).toEqual([name]);
});
