/**
 * Damaged files for every reader. All runs are seeded: where one fails, fast-check prints its seed and the file's history.
 * There is no GPU here, so a model that loads as far as its device fails with a DeviceError: its file is good.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readUserFiles } from '../../demo/worker/files.ts';
import { readBrainImages } from '../../src/data/brain.ts';
import { DeviceError, fileStore, loadModel, NeuriteError } from '../../src/index.ts';
import { readRun } from '../../src/nn/runFile.ts';
import { description, modelFile, run, snapshotFile } from './modelFile.ts';

const MOST_TIME = 2000;
const MOST_GROWTH = 256e6;

const folder = mkdtempSync(join(tmpdir(), 'neurite-mutated-'));
const peak = () => process.resourceUsage().maxRSS * 1024;
let before = 0;
beforeAll(() => {
  before = peak();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  expect(peak() - before, 'memory that all the files together have cost').toBeLessThan(MOST_GROWTH);
});

/** A fraction says where, so that places are as likely in any file. */
const place = fc.noBias(fc.nat(2 ** 30 - 1)).map((n) => n / 2 ** 30);
const mutation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ at: place, flip: fc.integer({ min: 1, max: 255 }) }) },
  { weight: 1, arbitrary: fc.record({ keep: place }) },
  { weight: 1, arbitrary: fc.record({ at: place, remove: fc.nat(20), insert: fc.uint8Array({ maxLength: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ at: place, remove: fc.nat(20), from: place, length: fc.nat(2000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      at: place,
      word: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7f800000, 0x7fc00000),
    }),
  },
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, how: Mutation): Uint8Array<ArrayBuffer> {
  if ('keep' in how) return bytes.slice(0, Math.floor(how.keep * bytes.length));
  const at = Math.floor(how.at * bytes.length);
  const splice = (remove: number, insert: Uint8Array) =>
    new Uint8Array(Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]));
  if ('flip' in how) return bytes.length === 0 ? new Uint8Array() : splice(1, Uint8Array.of(bytes[at]! ^ how.flip));
  if ('word' in how) return splice(4, new Uint8Array(Uint32Array.of(how.word).buffer));
  if ('insert' in how) return splice(how.remove, how.insert);
  const from = Math.floor(how.from * bytes.length);
  return splice(how.remove, bytes.slice(from, from + how.length));
}
const damaged = (bytes: Uint8Array, mutations: readonly Mutation[]) =>
  mutations.reduce((damaged, how) => mutate(damaged, how), new Uint8Array(bytes));
const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });

/** Reads in time, or fails with an error of the engine that says something. @returns whether it was read */
async function readOrRefuse(read: () => unknown): Promise<boolean> {
  const start = performance.now();
  let error: unknown;
  try {
    await read();
  } catch (thrown) {
    error = thrown;
  }
  expect(performance.now() - start).toBeLessThan(MOST_TIME);
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
  let good = 0;
  const property = fc.asyncProperty(files, async (file) => {
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

const HOSTILE: readonly unknown[] = [
  ...[1e9, 1e300, -1, 0, 0.5, 2 ** 32, 2 ** 53, null, true, '', 'x', '__proto__', 'constructor', 'relu', 'same'],
  ...[[], {}, [1], [1e9, 1e9, 1], [-1, -1], [[1, 2], [3]], [null], 'x'.repeat(5000)],
  ...[{ toString: 1, valueOf: 1 }, [{ toString: 1, valueOf: 1 }], { length: 2 }, { name: 'constant' }, [[[[1]]]]],
  ...[
    { name: { toString: 1 }, config: null },
    { name: 'cosineDecay', config: { alpha: { valueOf: 1, toString: 1 } } },
  ],
];

/** Every place in a value of JSON: the object or list that holds it, and its key. */
function places(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(value).flatMap((key) => [{ holder, key }, ...places(holder[key])]);
}

const edit = fc.record({
  at: place,
  how: fc.oneof(
    fc.record({ value: fc.constantFrom<unknown>(...HOSTILE) }),
    fc.record({ rename: fc.constantFrom('__proto__', 'constructor', 'name', 'inputShape', 'units', 'x') }),
    fc.constant('remove' as const),
    fc.constant('repeat' as const),
  ),
});

/** Descriptions in which up to three places say something else. */
const edited = (describe: () => object): fc.Arbitrary<string> =>
  fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => {
    const said = describe();
    for (const { at, how } of edits) {
      const all = places(said);
      const { holder, key } = all[Math.floor(at * all.length)]!;
      const value = holder[key];
      if (how === 'repeat') {
        if (Array.isArray(holder)) holder.push(structuredClone(value));
      } else if (how === 'remove') delete holder[key];
      else if ('value' in how) holder[key] = how.value;
      else {
        delete holder[key];
        Object.defineProperty(holder, how.rename, { value, enumerable: true, configurable: true, writable: true });
      }
    }
    return JSON.stringify(said);
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
