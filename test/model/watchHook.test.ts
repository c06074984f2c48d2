/** What a listener of a watch asks for holds from the next step. */
import { expect, test } from 'vitest';
import { type Callback, layers, sgd, type Training, type WatchOptions } from '../../src/index.ts';
import { compiled, constantData } from '../support/watch.ts';

const options = { batchSize: 4, shuffle: false } as const;

/** Twenty batches of four, of which the eighth may be too large. */
function batches(bad: boolean) {
  const data = constantData(80, [3], 1, 1);
  for (let i = 0; i < data.x.data.length; i++) data.x.data[i] = Math.sin(i);
  if (bad) data.x.data.fill(3e38, 84, 96);
  return data;
}

const small = () => [
  layers.dense({ inputShape: [3], units: 4, activation: 'relu', kernelInitializer: 'ones' }),
  layers.dense({ units: 1 }),
];

test.each<[string, number, WatchOptions, boolean]>([
  ['weights, where a batch is left out', 0.01, { action: 'restore' }, true],
  ['weights, where values are put back', 3e38, { action: 'restore' }, false],
  ['weights, where layers are looked at', 0.01, { action: 'restore', everySteps: 1 }, true],
])('%s', async (_, learningRate, watch, bad) => {
  const model = await compiled(small(), { optimizer: sgd({ learningRate }) });
  const weights = (await model.getWeights()).map(({ name, shape, data }) => ({
    name,
    shape,
    data: data.map(() => 0.5),
  }));
  let findings = 0;
  const onNonFinite = async () => {
    findings++;
    model.learningRate = 0;
    await new Promise((resolve) => setTimeout(resolve, 30));
    await model.setWeights(weights);
  };
  await model.fit(batches(bad), { ...options, watch: { ...watch, onNonFinite } });
  expect(findings).toBe(1);
  expect(await model.getWeights()).toEqual(weights);
  model.dispose();
});

test.each<[WatchOptions, number]>([
  [{ action: 'restore' }, 8],
  [{ action: 'restore', everySteps: 2 }, 8],
  [{ action: 'warn' }, 7],
  [{ action: 'warn', everySteps: 2 }, 7],
])('stop, with %o', async (watch, steps) => {
  const model = await compiled(small());
  let training!: Training;
  const callbacks: Callback = {
    onTrainBegin(given) {
      training = given;
    },
  };
  const findings: number[] = [];
  const onNonFinite = () => {
    training.stop();
    findings.push(model.iterations);
  };
  await model.fit(batches(true), { ...options, callbacks, watch: { ...watch, onNonFinite } });
  expect([findings, model.iterations]).toEqual([[steps], steps]);
  model.dispose();
});
