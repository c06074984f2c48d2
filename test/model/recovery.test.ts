/** A device that is lost: training goes on by itself, on another one, and ends with the bits of an undisturbed run. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Model } from '../../src/index.ts';
import { randomStream } from '../support/arrays.ts';
import { deviceOf, type Outcome, outcome } from '../support/losses.ts';

let straight: Outcome;
beforeAll(async () => {
  straight = await outcome();
  expect(straight.told.filter((text) => text.startsWith('batch'))).toHaveLength(24);
});

const lose = (model: Model) => deviceOf(model).gpu.destroy();

function expectSame(got: Outcome, wanted = straight): void {
  expect(got.file).toEqual(wanted.file);
  expect(got.history).toEqual(wanted.history);
  expect(got.told).toEqual(wanted.told);
}

describe('the device lost', () => {
  const seed = 20260;
  const random = randomStream(seed);
  const steps = Array.from({ length: 10 }, () => Math.floor(random() * 24));

  test(`at random steps (seed ${seed})`, async () => {
    const left = [...steps].sort((a, b) => a - b);
    let batches = 0;
    const got = await outcome({
      callbacks: (model) => [
        {
          onBatchEnd() {
            if (left[0] !== undefined && batches++ >= left[0]) {
              left.shift();
              lose(model);
            }
          },
        },
      ],
    });
    expectSame(got);
    expect(got.events.length).toBe(10);
  });
});
