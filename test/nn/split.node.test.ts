/** How many examples `validationSplit` leaves to train on: rational arithmetic of the decimal that was written is the truth. */
import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { split, trainedOn } from '../../src/nn/train/batching.ts';

test.each([
  [100, 0.8, 20],
  [10, 0.9, 1],
  [10, 0.1, 9],
  [5, 0.2, 4],
  [7, 0, 7],
  [3, 1 / 3, 2],
  [3, 2 / 3, 1],
  [1, 0.5, 0],
])('of %d, %d leave %d', (size, fraction, count) => {
  if (count === 0) expect(() => split(size, fraction)).toThrow(DataError);
  else expect(split(size, fraction).train).toHaveLength(count);
});

test('all splits of two decimals, of up to 1,000 examples', () => {
  const wrong: string[] = [];
  for (let size = 1; size <= 1000; size++) {
    for (let percent = 0; percent < 100; percent++) {
      const exact = Math.floor((size * (100 - percent)) / 100); // of integers below 2^53, divided once: exact
      for (const fraction of [percent / 100, Number(`0.${String(percent).padStart(2, '0')}`)]) {
        const count = trainedOn(size, fraction);
        if (count !== exact) wrong.push(`${fraction} of ${size}: ${count}, not ${exact}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('splits of more decimals, of more examples', () => {
  let state = 1;
  const draw = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < 300; i++) {
    const digits = 1 + draw(6);
    const [part, whole] = [draw(10 ** digits), 10 ** digits];
    const size = 1 + draw(200_000);
    const exact = Number((BigInt(size) * BigInt(whole - part)) / BigInt(whole));
    expect(trainedOn(size, part / whole), `${part} / ${whole} of ${size}`).toBe(exact);
  }
});
