/** A long training run: nothing grows, nothing becomes slower. */
import { expect, test } from 'vitest';
import { testDevice } from '../support/device.ts';
import { usedHeap } from '../support/heap.ts';
import { compiledToy, toyExamples } from '../support/toy.ts';
import { options } from './options.ts';

const PER_EPOCH = 10;
/** Steps at the beginning and at the end whose times are compared. */
const COMPARED = 1000;
/**
 * With this many steps the test is alone on the machine, and the end may take a tenth longer than the beginning. In `npm test`
 * other tests run beside it.
 */
const isWhole = options.steps >= 10 * COMPARED;
const MOST = isWhole ? 1.1 : 2;
/** What else the machine does passes, what has grown does not: a short run may continue until it is as quick as it was. */
const MOST_STEPS = isWhole ? options.steps : 20 * options.steps;
const MEGABYTE = 2 ** 20;

/**
 * The time that half of the epochs stay below, in a short run a fifth: other work on the machine makes times longer, never
 * shorter.
 */
function usual(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / (isWhole ? 2 : 5))]!;
}

test(`${options.steps} steps of a small net need no more memory and no more time than the first`, {
  timeout: 3_600_000,
}, async () => {
  const { gpu } = await testDevice();
  const model = await compiledToy({ tune: false });
  const createBuffer = gpu.createBuffer;
  let created = 0;
  gpu.createBuffer = (descriptor) => {
    created++;
    return createBuffer.call(gpu, descriptor);
  };
  try {
    let steps = 0;
    let afterFirst = 0;
    let heap = Number.NaN;
    let from = performance.now();
    const times: number[] = [];
    const count = Math.min(COMPARED / PER_EPOCH, Math.floor(options.steps / PER_EPOCH / 2) - 1);
    const ratio = () => usual(times.slice(-count)) / usual(times.slice(0, count));
    await model.fit(toyExamples(8 * PER_EPOCH), {
      epochs: MOST_STEPS / PER_EPOCH,
      batchSize: 8,
      callbacks: {
        onBatchEnd: () => {
          if (++steps === 1) afterFirst = created;
        },
        onEpochEnd: async (epoch, _, training) => {
          if (epoch > 0) times.push(performance.now() - from); // the first waits for compilation
          if (epoch === 0) heap = await usedHeap();
          if (steps === options.steps) heap = (await usedHeap()) - heap;
          if (steps >= options.steps && ratio() < MOST) training.stop();
          from = performance.now();
        },
      },
    });
    expect(steps).toBeGreaterThanOrEqual(options.steps);
    expect(created - afterFirst, 'GPU buffers created after the first step').toBe(0);
    expect(heap / MEGABYTE, 'megabytes that the heap has grown by, garbage collected').toBeLessThan(5);
    console.log(
      `${steps} steps: the heap grew by ${(heap / MEGABYTE).toFixed(2)} MB; a step took ` +
        `${(usual(times.slice(0, count)) / PER_EPOCH).toFixed(3)} ms at the beginning, ${ratio().toFixed(3)} times that at the end`,
    );
    expect(ratio(), 'time of the last steps in times of the first').toBeLessThan(MOST);
  } finally {
    gpu.createBuffer = createBuffer;
    model.dispose();
  }
});
