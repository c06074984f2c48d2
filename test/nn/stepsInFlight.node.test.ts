/** How many steps are under way at once, on a clock of the test's own: the real loop, on a GPU that is made up. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Dataset } from '../../src/index.ts';
import { STEPS_IN_FLIGHT, type StepRunner } from '../../src/nn/execute/stepRunner.ts';
import { batchesOf } from '../../src/nn/train/batching.ts';
import { type EpochOptions, noStep, runEpoch } from '../../src/nn/train/epoch.ts';
import { StepsInFlight } from '../../src/nn/train/stepsInFlight.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const STEPS = 400;

interface Gpu {
  /** Milliseconds of a step. */
  step: number;
  /** The end of work is reported at multiples of this. 0: at once. */
  readonly poll?: number;
  readonly slots?: number;
}

/** Runs steps to their end. */
async function run(gpu: Gpu, flow: EpochOptions = {}, stepsInFlight = new StepsInFlight(), steps = STEPS) {
  const { poll = 0, slots = STEPS_IN_FLIGHT } = gpu;
  let free = performance.now();
  let underWay = 0;
  const seen = { most: 0, underWay: [] as number[], order: [] as number[], begin: performance.now(), end: 0 };
  const runner = {
    step: { batchSize: 1 },
    mostUnderWay: slots,
    feed: async () => {},
    async run(seed: number) {
      seen.most = Math.max(seen.most, ++underWay);
      seen.underWay.push(underWay);
      free = Math.max(free, performance.now()) + gpu.step;
      const reported = poll ? Math.ceil(free / poll) * poll : free;
      await new Promise((resolve) => setTimeout(resolve, reported - performance.now()));
      underWay--;
      return new Float32Array([seed]);
    },
  };
  let seed = 0;
  const onStep: EpochOptions['onStep'] = async (batch, size, totals) => {
    expect(totals[0]).toBe(batch); // each step's own numbers
    seen.order.push(batch);
    await flow.onStep?.(batch, size, totals);
  };
  const done = runEpoch(
    runner as unknown as StepRunner,
    batchesOf({} as Dataset, new Uint32Array(steps), {}, 1),
    () => ({ ...noStep(), seed: seed++ }),
    { ...flow, onStep, stepsInFlight },
  ).then(() => {
    seen.end = performance.now();
  });
  await vi.runAllTimersAsync();
  await done;
  expect(seen.order).toEqual(seen.order.map((_, i) => i));
  return { ...seen, ms: seen.end - seen.begin, stepsInFlight };
}

describe('where the end of work is reported at once', () => {
  test.each([1, 3, 20, 60, 90])('steps of %i ms keep the GPU busy', async (step) => {
    const { ms } = await run({ step });
    expect(ms).toBeLessThan(1.01 * STEPS * step + 200); // the first steps, while their length is unknown
  });

  test.each([60, 90, 150, 400, 1000])('steps of %i ms are few: a pause or a stop need not wait long', async (step) => {
    const { most } = await run({ step }, {}, undefined, 50);
    expect(most).toBeLessThanOrEqual(Math.max(1, 300 / step));
  });

  test('there is never a second one before the length of a step is known', async () => {
    const { underWay } = await run({ step: 1000 }, {}, undefined, 3);
    expect(underWay).toEqual([1, 1, 1]);
  });
});

describe('where the end of work is reported every 4 ms, as with empty submits', () => {
  test.each([0.5, 1, 3, 10])('steps of %d ms keep the GPU busy', async (step) => {
    const { ms } = await run({ step, poll: 4 });
    expect(ms).toBeLessThan(1.05 * STEPS * step + 200);
  });
});

describe('where the end of work is reported every 100 ms, as in Firefox without them', () => {
  test.each([1, 3, 10])('quick steps (%i ms) come as often as there are places for their numbers', async (step) => {
    const { ms, stepsInFlight } = await run({ step, poll: 100 });
    expect(stepsInFlight.limit).toBe(STEPS_IN_FLIGHT);
    expect(ms).toBeLessThan(Math.max(STEPS * step, (100 * STEPS) / STEPS_IN_FLIGHT) + 600);
  });

  test('steps of 60 ms keep the GPU busy, and stay few', async () => {
    const { ms, most } = await run({ step: 60, poll: 100 });
    expect(ms).toBeLessThan(1.1 * STEPS * 60);
    expect(most).toBeLessThanOrEqual(4);
  });

  test('steps of a second stay single', async () => {
    const { underWay } = await run({ step: 1000, poll: 100 }, {}, undefined, 20);
    expect(Math.max(...underWay)).toBe(1);
  });
});

test('steps that become slow become few, and quick ones many', async () => {
  const gpu = { step: 2 };
  const { underWay } = await run(gpu, {
    onStep(batch) {
      gpu.step = batch < 100 || batch > 150 ? 2 : 500;
    },
  });
  expect(Math.max(...underWay.slice(20, 100))).toBe(STEPS_IN_FLIGHT);
  expect(Math.max(...underWay.slice(120, 150))).toBe(1);
  expect(Math.max(...underWay.slice(180))).toBe(STEPS_IN_FLIGHT);
});

test('a slow reader, or a slow callback, does not make quick steps look slow', async () => {
  const { stepsInFlight } = await run(
    { step: 3 },
    { onStep: () => new Promise((resolve) => setTimeout(resolve, 250)) },
  );
  expect(stepsInFlight.limit).toBe(STEPS_IN_FLIGHT);
});

test('no more are under way than a runner has places for', async () => {
  expect((await run({ step: 1, slots: 3 })).most).toBe(3);
});
