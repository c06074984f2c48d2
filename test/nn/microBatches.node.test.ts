import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import { adam, layers } from '../../src/index.ts';
import { Network } from '../../src/nn/network.ts';
import { misfitOf, rowsAtOnce } from '../../src/nn/step/microBatches.ts';
import { makeStepSpec } from '../../src/nn/step/spec.ts';
import { buildStep } from '../../src/nn/step/step.ts';

const specOf = (specs = presets.baseline(), options = {}) =>
  makeStepSpec(new Network(specs, () => 0), {
    ...{ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], optimizer: adam() },
    ...options,
  });

describe('the part of a batch that fits', () => {
  test('is the largest of equal ones, found with few plans', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (batchSize, most) => {
        let plans = 0;
        const rows = rowsAtOnce(batchSize, (count) => {
          plans++;
          return count > most ? new Error('too many') : undefined;
        });
        const parts = Math.ceil(batchSize / rows);
        expect(rows).toBeLessThanOrEqual(most);
        expect(rows).toBe(Math.ceil(batchSize / parts));
        if (parts > 1) expect(Math.ceil(batchSize / (parts - 1)), 'fewer parts').toBeGreaterThan(most);
        expect(plans).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(batchSize + 1)) + 2);
      }),
    );
  });

  test('does not exist where single examples do not fit', () => {
    const error = new Error('one is too many');
    for (const batchSize of [1, 2, 63, 64]) expect(() => rowsAtOnce(batchSize, () => error)).toThrow(error);
  });
});

describe('a step over micro-batches', () => {
  test('is planned in two parts, and the plan says so', () => {
    const { plan, x } = buildStep('train', specOf(), 64, undefined, {}, 13);
    const { wholeBatchFrom, ...parts } = plan.microBatches!;
    expect(parts).toEqual({ size: 13, count: 5 });
    expect(x!.shape).toEqual([13, 128, 128, 1]);
    expect(String(plan)).toContain(
      `${plan.dispatches.length} dispatches in 5 micro-batches of 13: 0 to ${wholeBatchFrom - 1} for each, ${wholeBatchFrom} and more once`,
    );
    const labels = plan.dispatches.map(({ label }) => label.split(':')[0]);
    expect(labels.slice(wholeBatchFrom).every((label) => label === 'adamUpdate')).toBe(true);
    expect(labels.slice(0, wholeBatchFrom)).not.toContain('adamUpdate');
    // All that is fused in a whole step is so here, and one dispatch adds up the gradients of all weights.
    const whole = buildStep('train', specOf(), 13).plan.dispatches.map(({ label }) => label.split(':')[0]);
    expect(labels.slice(0, wholeBatchFrom)).toEqual(
      whole.map((label) => (label === 'adamUpdate' ? 'addScaled' : label)),
    );
  });

  test('has what clips and scales gradients in the part that runs once', () => {
    const specs = [layers.dense({ inputShape: [200], units: 150 }), layers.dense({ units: 2 })];
    const spec = specOf(specs as never, { optimizer: adam({ globalClipNorm: 1 }), precision: 'mixed' });
    const { plan } = buildStep('train', spec, 8, undefined, {}, 3);
    const { wholeBatchFrom } = plan.microBatches!;
    const names = (dispatches: typeof plan.dispatches) => new Set(dispatches.map(({ label }) => label.split(':')[0]));
    for (const name of ['sumOfSquares', 'clipScale', 'lossScaling', 'adamUpdate']) {
      expect([...names(plan.dispatches.slice(wholeBatchFrom))], 'once').toContain(name);
      expect([...names(plan.dispatches.slice(0, wholeBatchFrom))], 'for each').not.toContain(name);
    }
  });

  test('reads in its second part nothing that a later micro-batch writes over, but the sums', () => {
    const { plan } = buildStep('train', specOf(presets.improved() as never), 64, undefined, {}, 16);
    const { wholeBatchFrom } = plan.microBatches!;
    for (const { bindings } of plan.dispatches.slice(wholeBatchFrom)) {
      for (const { storage, tensor } of bindings) {
        if (storage.kind !== 'slot') continue;
        const lifetime = plan.lifetimes.find((life) => life.slot === storage.slot && life.first >= wholeBatchFrom);
        expect(lifetime, tensor.name).toBeDefined();
      }
    }
  });
});

test('the message about a step that does not fit has its largest tensor, its bytes and the limit', () => {
  const { plan } = buildStep('train', specOf(), 2048);
  const room = {
    buffer: 2 ** 30,
    bytes: 2 ** 28,
    limit: 2 ** 28,
    batchSize: 2048,
    rest: 'nothing else',
    least: (bytes: number) => bytes,
  };
  expect(misfitOf(plan, 2 ** 28, room)).toBeUndefined();
  expect(misfitOf(plan, 2 ** 28 + 1, room)!.message).toBe(
    'memoryLimit is 268435456 bytes (256.00 MiB), of which 268435456 are left for a step: nothing else. With the fewest examples ' +
      'at once one of batch size 2048 takes 268435457, so it fits from memoryLimit: 268435457 on. Its largest tensor is maxPool2d/maxPool2d [2048, 31, 31, 32], 251920384 bytes.',
  );
  expect(misfitOf(plan, 0, { ...room, buffer: 2 ** 27 })!.message).toBe(
    'maxPool2d/maxPool2d [2048, 31, 31, 32] needs a buffer of 251920384 bytes, this device allows 134217728; with fewer examples at ' +
      'once it does not get small enough.',
  );
});
