/** Hashes tell data from other data. */
import { expect, test } from 'vitest';
import { hash } from '../../src/hash.ts';

test('each bit counts, however many there are', () => {
  const data = new Float32Array(2 ** 22 + 3);
  const before = hash(data);
  for (const at of [0, 1, 12345, data.length - 2, data.length - 1]) {
    data[at] = 1e-45; // the last bit alone
    expect(hash(data), `${at}`).not.toBe(before);
    data[at] = 0;
  }
  expect(hash(data)).toBe(before);
});

test('where parts end counts, and what is absent', () => {
  const seen = [
    hash(),
    hash(undefined),
    hash(''),
    hash(undefined, undefined),
    hash('', undefined),
    hash('ab'),
    hash('a', 'b'),
    hash('b', 'a'),
    hash(Float32Array.of(1, 2)),
    hash(Float32Array.of(1), Float32Array.of(2)),
    hash(Int32Array.of(1, 2)),
  ];
  expect(new Set(seen).size).toBe(seen.length);
  for (const text of seen) expect(text).toMatch(/^[0-9a-f]{16}$/);
});

test('elements of any width', () => {
  const bytes = new Uint8Array(8).fill(7);
  const views = [Uint8Array, Int16Array, Float32Array, BigInt64Array].map((View) => new View(bytes.buffer));
  const before = views.map((view) => hash(view));
  expect(hash(bytes.slice(1, 4))).toMatch(/^[0-9a-f]{16}$/);
  bytes[7] = 8;
  for (const [i, view] of views.entries()) expect(hash(view)).not.toBe(before[i]);
});

test('words are those of the array, not of what it is a view of', () => {
  const all = Uint32Array.of(1, 2, 3, 4);
  expect(hash(all.subarray(1, 3))).toBe(hash(Uint32Array.of(2, 3)));
});
