/**
 * The experiment of demo/tangent: the wider a network, the less its weights and its tangent kernel move while it learns. Each run
 * is checked against the same training in double precision.
 */
import { describe, expect, test } from 'vitest';
import { type Change, LEARNING_RATE, MOST_STEPS, POINTS, TARGET, TangentRun } from '../../demo/tangent/experiment.ts';
import { descend, kernelOf, lossOf, outputOf, relativeChange, weightsOf } from '../../demo/tangent/reference.ts';
import { testDevice } from '../support/device.ts';

const WIDTHS = [64, 256, 1024, 4096] as const;
const SEEDS = [0, 1, 2] as const;

interface Result {
  readonly change: Change;
  readonly loss: number;
  /** Seconds of the training. */
  readonly seconds: number;
}

/** Trains a network, and compares it with the reference from the same first weights. */
async function trained(width: number, seed: number): Promise<Result> {
  const run = await TangentRun.create({ width, seed, device: await testDevice() });
  try {
    const start = performance.now();
    const looks: number[] = [];
    await run.train(MOST_STEPS, ({ step }) => void looks.push(step));
    const seconds = (performance.now() - start) / 1000;
    const steps = run.losses.length;
    expect(looks).toEqual(Array.from({ length: steps / 100 }, (_, i) => 100 * (i + 1)));
    expect(run.done).toBe(true);
    const reference = weightsOf(run.firstWeights);
    expect(relativeChange(kernelOf(reference, POINTS.x), run.firstKernel)).toBeLessThan(1e-7);
    const losses = descend(reference, POINTS, steps, LEARNING_RATE);
    const errors = run.losses.map((loss, step) => Math.abs(loss - losses[step]!) / Math.max(1, losses[step]!));
    expect(Math.max(...errors)).toBeLessThan(2e-6);
    const loss = await run.loss();
    expect(Math.abs(loss - lossOf(reference, POINTS))).toBeLessThan(2e-6);
    const now = (await run.model.getWeights()).map(({ data }) => data);
    for (const [i, want] of [reference.w, reference.b, reference.a].entries()) {
      expect(relativeChange(want, now[i]!)).toBeLessThan(1e-4);
    }
    // Where the kink of a unit passes a point, rounding decides in which step; each unit is about 1 / width of the kernel.
    expect(relativeChange(kernelOf(reference, POINTS.x), await run.kernel())).toBeLessThan(0.003 + 1 / width);
    const grid = Array.from({ length: 33 }, (_, i) => (i - 16) / 8);
    const curve = await run.curve(grid);
    grid.forEach((x, i) => {
      expect(Math.abs(curve[i]! - outputOf(reference, x))).toBeLessThan(1e-3);
    });
    return { change: await run.change(), loss, seconds };
  } finally {
    run.dispose();
  }
}

const median = (values: readonly number[]) => values.toSorted((p, q) => p - q)[(values.length - 1) / 2]!;

describe('the wider, the less it moves', () => {
  const results = new Map<number, Result[]>();

  test.each(WIDTHS)('width %i, three seeds, as in double precision', { timeout: 300_000 }, async (width) => {
    const [first, ...others] = SEEDS;
    const alone = await trained(width, first);
    if (width === 1024) expect(alone.seconds).toBeLessThan(20); // as long as a reader waits
    results.set(width, [alone, ...(await Promise.all(others.map((seed) => trained(width, seed))))]);
  });

  test('medians: movement as 1 / sqrt(width), the kernel still, the points learned', () => {
    const medianOf = (of: (result: Result) => number) => WIDTHS.map((width) => median(results.get(width)!.map(of)));
    const moved = medianOf(({ change }) => change.weights);
    expect(moved[0]! / moved.at(-1)!).toBeGreaterThan(8);
    // On the line c / sqrt(width) through their geometric mean, all four within 30 %; and so is each step from width to width.
    const factors = moved.map((value, i) => value * Math.sqrt(WIDTHS[i]!));
    const c = Math.exp(factors.reduce((sum, factor) => sum + Math.log(factor), 0) / factors.length);
    for (const factor of factors) expect(Math.abs(factor / c - 1)).toBeLessThan(0.3);
    for (const [i, factor] of factors.slice(1).entries()) expect(Math.abs(factor / factors[i]! - 1)).toBeLessThan(0.3);
    const kernels = medianOf(({ change }) => change.kernel);
    expect(kernels.at(-1)).toBeLessThan(0.05);
    expect(kernels[0]).toBeGreaterThan(0.1);
    for (const loss of medianOf(({ loss }) => loss)) expect(loss).toBeLessThan(1e-3);
  });
});

test('the kernel between the points and others', async () => {
  const run = await TangentRun.create({ width: 32, seed: 4, device: await testDevice() });
  const others = [-1, 0, 0.25];
  const kernel = await run.kernel(others);
  expect(relativeChange(kernelOf(weightsOf(run.firstWeights), POINTS.x, others), kernel)).toBeLessThan(1e-6);
  run.dispose();
});

test('an aborted run keeps what it has learned, and goes on', async () => {
  const run = await TangentRun.create({ width: 16, seed: 0, device: await testDevice() });
  const controller = new AbortController();
  await expect(run.train(300, () => controller.abort(new Error('enough')), controller.signal)).rejects.toThrow(
    'enough',
  );
  const before = run.losses.length;
  expect(before).toBeGreaterThanOrEqual(100);
  await run.train(150);
  expect(run.losses).toHaveLength(before + 150);
  expect(run.losses.at(-1)).toBeLessThan(run.losses[0]!);
  expect(TARGET).toBeLessThan(run.losses.at(-1)!); // so it has not ended by itself
  run.dispose();
});
