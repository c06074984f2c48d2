/** What every page may use, demo/ui, demo/draw and the kit of the lessons, needs nothing of the lab: no worker and no state. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';
import { PAGES } from '../../demo/frame/pages.ts';

const demo = resolve(import.meta.dirname, '..', '..', 'demo');
/** Folders with what each may ask for, beside its own files. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  ui: ['preact', 'preact/hooks', 'format.ts', 'draw'],
  draw: ['preact', 'preact/hooks', 'neurite/vis', 'format.ts', 'ui'],
  frame: ['preact', 'preact/hooks', '@preact/signals', 'ui', 'styles', 'gpu'],
  gpu: ['neurite'],
  lesson: [
    'preact',
    'preact/hooks',
    '@preact/signals',
    'neurite/vis',
    'format.ts',
    'ui',
    'draw',
    'styles',
    'frame',
    'gpu',
  ],
  'lesson/reference': [],
};
/** Of the kit the file that simulates and the one that computes; they are loaded when a picture or a number is asked for. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'lesson/brain.ts': ['neurite/brain'],
  'lesson/compute.ts': ['neurite'],
};

/** All that a module's text asks for: imports of values and of types, re-exports, workers and files by their URL. */
function importsOf(text: string): string[] {
  const patterns = [
    /\bfrom\s*['"]([^'"\s]+)['"]/g,
    /\bimport\s*\(?\s*['"]([^'"\s]+)['"]/g,
    /\bnew URL\(\s*['"]([^'"\s]+)['"]/g,
    /\bimport\.meta\.glob[^(]*\(\s*['"]([^'"\s]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name!));
}

const withSlashes = (path: string) => path.replaceAll(sep, '/');

/** What a file may not ask for. @param file within demo/ */
function strangersOf(file: string, text: string): string[] {
  const folder = dirname(file);
  const allowed = [
    folder,
    ...FOLDERS[folder]!,
    ...(folder === 'lesson' ? ['lesson/reference'] : []),
    ...(ALSO[file] ?? []),
  ];
  return importsOf(text)
    .map((name) => (name.startsWith('.') ? withSlashes(relative(demo, resolve(demo, folder, name))) : name))
    .filter((name) => !allowed.includes(name) && !allowed.includes(dirname(name)));
}

/** Types vanish when the page is built: they load nothing. */
const withoutTypes = (text: string) => text.replace(/^import type [^;]+;$/gm, '');

test.each(Object.keys(FOLDERS))('demo/%s imports only what stands in its row', (folder) => {
  const files = readdirSync(join(demo, folder)).filter((name) => /\.tsx?$/.test(name));
  expect(files.length).toBeGreaterThan(1);
  const strangers = files.flatMap((name) => {
    const text = readFileSync(join(demo, folder, name), 'utf8');
    return strangersOf(`${folder}/${name}`, folder === 'lesson' ? withoutTypes(text) : text).map(
      (found) => `${folder}/${name}: ${found}`,
    );
  });
  expect(strangers).toEqual([]);
});

test('a lesson asks for the engine late: only files that are themselves imported late import it', () => {
  const statics = /^(?:import|export) (?!type )(?:[^'"]*?\bfrom )?['"]([^'"]+)['"]/gm;
  for (const { name } of PAGES.filter(({ name }) => name !== 'lab' && name !== 'machine')) {
    const seen = new Set([join(demo, name === 'index' ? 'landing' : name, 'main.tsx')]);
    for (const file of seen) {
      for (const [, from] of readFileSync(file, 'utf8').matchAll(statics)) {
        expect(`${relative(demo, file)}: ${from}`).not.toMatch(/: neurite(?!\/vis$)/);
        if (from!.startsWith('.') && /\.tsx?$/.test(from!)) seen.add(resolve(dirname(file), from!));
      }
    }
    expect(seen.size).toBeGreaterThan(8);
  }
});

test.each([
  ["import { lab } from '../lab/client.ts';", 'lab/client.ts'],
  ["import type { RunRecord } from '../lab/runs/record.ts';", 'lab/runs/record.ts'],
  ["export * from '../lab/state/data.ts';", 'lab/state/data.ts'],
  ["await import('../lab/protocol/index.ts');", 'lab/protocol/index.ts'],
  ["import '../lab/main.tsx';", 'lab/main.tsx'],
  ["new Worker(new URL('../lab/worker/lab.ts', import.meta.url));", 'lab/worker/lab.ts'],
  ["import { sequential } from 'neurite';", 'neurite'],
])('%s would be found', (text, name) => {
  for (const folder of ['draw', 'lesson']) expect(strangersOf(`${folder}/planted.ts`, text)).toEqual([name]);
});
