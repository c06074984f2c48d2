/** The scaled loss of mixed precision, with all storage f32, so that every adapter tests it. */
import { expect, test } from 'vitest';
import { adam, adamw, type LossScale, lossScale, type Model, rmsprop, sgd } from '../../src/index.ts';
import { buildStep } from '../../src/nn/step/step.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';
import { trainer } from '../support/trainer.ts';

const BATCH = 8;

/** Bits of the weights and of the optimizer's state. */
async function allBits(model: Model): Promise<number[]> {
  const { slots, variables } = model.compiled;
  const state = await Promise.all(slots.map((slot) => variables.read(slot)));
  return [...(await bits(model)), ...state.flatMap((values) => [...new Uint32Array(values.buffer)])];
}

const OPTIMIZERS = {
  adam: adam({ learningRate: 0.01 }),
  'adamw, clipped': adamw({ learningRate: 0.01, globalClipNorm: 0.1 }),
  sgd: sgd({ learningRate: 0.1 }),
  'sgd with momentum': sgd({ learningRate: 0.1, momentum: 0.9 }),
  'sgd with Nesterov momentum': sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  rmsprop: rmsprop({ learningRate: 0.01 }),
  'rmsprop, centered, with momentum, clipped': rmsprop({
    ...{ learningRate: 0.01, centered: true, momentum: 0.5, globalClipNorm: 0.5 },
  }),
};

test.each(Object.entries(OPTIMIZERS))('%s: a power of two as scale changes no bit', async (_, optimizer) => {
  const run = async (scale: LossScale | undefined) => {
    const model = await compiledToy({ optimizer });
    const { step, destroy } = await trainer(model, BATCH, { lossScale: scale });
    const losses = [];
    for (let i = 0; i < 6; i++) losses.push(await step(toyExamples(BATCH, i)));
    const result = { losses, bits: await allBits(model) };
    destroy();
    model.dispose();
    return result;
  };
  expect(await run(lossScale(1024))).toEqual(await run(undefined));
});

test.each(Object.entries(OPTIMIZERS))(
  '%s: an overflow changes nothing but the scale, and training continues',
  async (_, optimizer) => {
    const model = await compiledToy({ optimizer });
    // No batch-norm in the way of what is compared: its averages go on whatever the gradients are.
    model.layers[1]!.trainable = false;
    const { loss, metrics, seed } = {
      loss: 'sparseCategoricalCrossentropy' as const,
      metrics: ['accuracy'] as const,
      seed: 3,
    };
    await model.compile({ recompile: true, optimizer, loss, metrics, seed });
    const scale = lossScale(1024);
    const { step, destroy } = await trainer(model, BATCH, { lossScale: scale });
    const { variables } = model.compiled;
    const state = async () => [(await variables.read(scale.scale))[0], (await variables.read(scale.steps))[0]];
    const before = await step(toyExamples(BATCH));
    await step(toyExamples(BATCH));
    expect(await state()).toEqual([1024, 2]);

    const kept = await allBits(model);
    await step(toyExamples(BATCH, 5), 3e38); // gradients of 1024 times that are infinite
    expect(await state()).toEqual([512, 0]);
    await step(toyExamples(BATCH, 6), 3e38);
    expect(await state()).toEqual([256, 0]);
    expect(await allBits(model)).toEqual(kept);

    let after = 0;
    for (let i = 0; i < 20; i++) after = await step(toyExamples(BATCH));
    expect(await state()).toEqual([256, 20]);
    expect(await allBits(model)).not.toEqual(kept);
    expect(after).toBeLessThan(before);
    destroy();
    for (const variable of Object.values(scale)) variables.release(variable);
    model.dispose();
  },
);

test('the scale costs a look at the gradients and one more dispatch, and all else stays fused', async () => {
  const model = await compiledToy();
  const labels = (scale: LossScale | undefined) =>
    buildStep('train', { ...model.compiled.spec, lossScale: scale }, BATCH).plan.dispatches.map(({ label }) => label);
  const added = labels(lossScale()).filter((label) => !labels(undefined).includes(label));
  expect(added).toEqual(['lossScaling:lossScaling.flags', 'lossScaling:lossScaling/scale']);
  expect(labels(lossScale())).toHaveLength(labels(undefined).length + 2);
  model.dispose();
});
