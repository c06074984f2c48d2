/**
 * Damaged files for every reader. All runs are seeded: where one fails, fast-check prints its seed and the file's history.
 * There is no GPU here, so a model that loads as far as its device fails with a DeviceError: its file is good. What becomes of such
 * a model is tested where there is one, in test/model/mutated.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readUserFiles } from '../../demo/lab/worker/files.ts';
import { readBrainImages } from '../../src/brain/files.ts';
import { DeviceError, fileStore, loadModel, NeuriteError } from '../../src/index.ts';
import { readRun } from '../../src/nn/recovery/runFile.ts';
import { collectGarbage, cpuTime, peakMemory } from '../support/effort.ts';
import { description, modelFile, run, snapshotFile } from './modelFile.ts';
import { damaged, edited, mutations } from './mutations.ts';

/** Of the CPU, for one file. */
const MOST_TIME = 2000;
const MOST_GROWTH = 256e6;

const folder = mkdtempSync(join(tmpdir(), 'neurite-mutated-'));
let before = 0;
beforeAll(() => {
  before = peakMemory();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  expect(peakMemory() - before, 'memory that all the files together have cost').toBeLessThan(MOST_GROWTH);
});

/** Reads in time, or fails with an error of the engine that says something. @returns whether it was read */
async function readOrRefuse(read: () => unknown): Promise<boolean> {
  const time = cpuTime();
  let error: unknown;
  try {
    await read();
  } catch (thrown) {
    error = thrown;
  }
  expect(time()).toBeLessThan(MOST_TIME);
  if (error === undefined || error instanceof DeviceError) return true;
  if (!(error instanceof NeuriteError)) throw error;
  expect(error.message.length).toBeGreaterThan(20);
  expect(error.message.length).toBeLessThan(1500);
  return false;
}

/** @returns how many of the files were read */
async function attack<T>(
  files: fc.Arbitrary<T>,
  read: (file: T) => unknown,
  options: { seed: number; numRuns: number },
) {
  let [good, tried] = [0, 0];
  const property = fc.asyncProperty(files, async (file) => {
    if (tried++ % 50 === 0) collectGarbage(); // else the peak is a matter of when that comes by itself
    if (await readOrRefuse(() => read(file))) good++;
  });
  await fc.assert(property, options);
  return good;
}

const images = new Float32Array(2 * 128 * 128).map((_, i) => (i * 7919) % 256);
const raw = new Uint8Array(images.buffer);
const packed = new Uint8Array(gzipSync(raw));
const model = modelFile();

test('files of images, damaged before and after they were compressed', async () => {
  const outside = mutations.map((how) => damaged(packed, how));
  const inside = mutations.map((how) => new Uint8Array(gzipSync(damaged(raw, how), { level: 1 })));
  const read = (bytes: Uint8Array<ArrayBuffer>) => readBrainImages(new File([bytes], 'real_0.gz'));
  expect(await attack(outside, read, { seed: 11, numRuns: 300 })).toBeLessThan(30);
  expect(await attack(inside, read, { seed: 12, numRuns: 300 })).toBeGreaterThan(10);
});

test('what a user drops on the page', async () => {
  const names = [
    'real_0.gz',
    'fake_0.gz',
    'real_sample.gz',
    'fake_00.gz',
    '__proto__.gz',
    '.gz',
    'constructor',
    'a/b.gz',
  ];
  const dropped = fc.array(fc.record({ name: fc.constantFrom(...names), how: fc.option(mutations) }), { maxLength: 4 });
  const good = await attack(
    dropped,
    (files) =>
      readUserFiles(
        files.map(({ name, how }) => {
          return { path: name, file: new File([how ? damaged(packed, how) : packed], name) };
        }),
        { signal: new AbortController().signal, onProgress() {} },
      ),
    { seed: 13, numRuns: 200 },
  );
  expect(good).toBeLessThan(100);
});

test('models of damaged bytes', async () => {
  const files = mutations.map((how) => damaged(model, how));
  const good = await attack(files, (bytes) => loadModel(bytes), { seed: 14, numRuns: 400 });
  expect(good).toBeGreaterThan(5);
});

test('models whose description says something else', async () => {
  const files = edited(description);
  const good = await attack(files, (said) => loadModel(modelFile(said)), { seed: 15, numRuns: 600 });
  expect(good).toBeGreaterThan(20);
});

test('snapshots of damaged bytes, and snapshots that say something else of the run', async () => {
  const bytes = mutations.map((how) => damaged(snapshotFile(), how));
  expect(await attack(bytes, readRun, { seed: 17, numRuns: 300 })).toBe(0);
  const good = await attack(edited(run), (said) => readRun(snapshotFile(said)), { seed: 18, numRuns: 600 });
  expect(good).toBeGreaterThan(10);
  expect(good).toBeLessThan(400);
});

test('stores of choices', async () => {
  const path = join(folder, 'tuning.json');
  const whole = Buffer.from('{"a": {"p": "tile", "q": "rows and more rows"}, "__proto__": {"p": "x"}}');
  const files = mutations.map((how) => damaged(whole, how));
  const good = await attack(
    files,
    (bytes) => {
      writeFileSync(path, bytes);
      return fileStore(path).load('a');
    },
    { seed: 16, numRuns: 200 },
  );
  expect(good).toBeGreaterThan(10);
  await fileStore(path).save('a', { p: 'tile' });
  expect(await fileStore(path).load('a')).toMatchObject({ p: 'tile' });
});
