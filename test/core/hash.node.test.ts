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

test('words are those of the array, not of what it is a view of', () => {
  const all = Uint32Array.of(1, 2, 3, 4);
  expect(hash(all.subarray(1, 3))).toBe(hash(Uint32Array.of(2, 3)));
});
