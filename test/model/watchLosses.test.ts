/**
 * A watch over a fit that loses its device: it finds the same again and reports it once, its listener's changes are made again,
 * and training ends with the same bits.
 */
import { describe, expect, test } from 'vitest';
import {
  type Device,
  layers,
  type Model,
  type NonFiniteLocation,
  requestDevice,
  sequential,
  type WatchAction,
} from '../../src/index.ts';
import { contents, deviceOf } from '../support/losses.ts';

/** 20 batches of 4; what is in two of them is finite, but too large for the layers. */
function data() {
  const x = Float32Array.from({ length: 240 }, (_, i) => (Math.floor(i / 12) % 10 === 6 ? 3e38 : Math.sin(i)));
  return {
    x: { data: x, shape: [80, 3] },
    y: { data: Float32Array.from({ length: 80 }, (_, i) => Math.cos(i)), shape: [80, 1] },
  };
}

/** @param losses batches, counted over all epochs, after which the device is lost */
async function outcome(action: WatchAction, losses: readonly number[]) {
  const device = await requestDevice();
  const model: Model = sequential([
    layers.dense({ inputShape: [3], units: 4, activation: 'relu' }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 1 }),
  ]);
  await model.compile({ loss: 'meanSquaredError', seed: 5, device });
  const findings: NonFiniteLocation[] = [];
  const batches: number[] = [];
  const left = [...losses];
  let recoveries = 0;
  let lost: Device | undefined;
  const history = await model.fit(data(), {
    ...{ epochs: 3, batchSize: 4, shuffle: false },
    watch: {
      ...{ action, everySteps: 9 },
      async onNonFinite(finding) {
        findings.push(finding);
        model.learningRate *= 0.8;
        const weights = await model.getWeights();
        await model.setWeights(weights.map(({ data, ...rest }) => ({ ...rest, data: data.map((w) => w * 0.9) })));
      },
    },
    recovery: { everySteps: 5, onRecovery: () => void recoveries++ },
    callbacks: {
      onBatchLogs(batch) {
        batches.push(batch);
        const device = deviceOf(model);
        // The one before may not have been noticed yet: then this one waits for its successor.
        if (left.length === 0 || batches.length < left[0]! || device === lost) return;
        left.shift();
        lost = device;
        device.gpu.destroy();
      },
    },
  });
  const file = action === 'warn' ? [] : contents(await model.save());
  const { iterations } = model;
  model.dispose();
  device.destroy();
  return { result: { history, findings, batches, file, iterations }, recoveries };
}

describe.each(['restore', 'warn'] as const)('%s', (action) => {
  test('ends as without the losses', { timeout: 180_000 }, async () => {
    const { result: want } = await outcome(action, []);
    expect(want.findings.length).toBe(action === 'warn' ? 1 : 6);
    const losses = [2, 8, 17, 30, 31, 45];
    const got = await outcome(action, losses);
    expect(got.recoveries).toBe(losses.length);
    expect(got.result).toEqual(want);
  });
});
