/** A device that is lost while nothing trains: the next call puts the model onto another one. */
import { beforeAll, describe, expect, test } from 'vitest';
import { exampleGradients, loadModel, type Model, requestDevice } from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { COMPILE, compiled, contents, DATA, deviceOf, lose, OPTIONS } from '../support/losses.ts';

let model: Model;
let wanted: Float32Array;
beforeAll(async () => {
  model = await compiled(await requestDevice());
  await model.fit(DATA, { ...OPTIONS, recovery: { device: () => requestDevice() } });
  wanted = (await model.predict(DATA.x)).data;
  return () => model.dispose();
});

const calls: [string, () => Promise<unknown>][] = [
  ['predict', () => model.predict(DATA.x)],
  ['evaluate', () => model.evaluate(DATA)],
  ['save', () => model.save()],
  ['getWeights', () => model.getWeights()],
  ['inspect', () => model.inspect({ data: DATA.x.data.slice(0, 128), shape: [2, 8, 8, 1] })],
  ['exampleGradients', () => exampleGradients(model, DATA.x, { output: 0 })],
];
test.each(calls)('%s', async (_, call) => {
  const before = await call();
  lose(model);
  expect(await call()).toEqual(before);
});

test('several at once, and one that was under way', async () => {
  const under = model.predict(DATA.x);
  lose(model);
  const results = await Promise.all([under, model.predict(DATA.x), model.predict(DATA.x)]);
  for (const { data } of results) expect(data).toEqual(wanted);
});

test('setWeights, before and after', async () => {
  const weights = await model.getWeights();
  const halves = weights.map(({ data, ...rest }) => ({ ...rest, data: data.map((x) => x / 2) }));
  await model.setWeights(halves);
  lose(model);
  expect(await model.getWeights()).toEqual(halves);
  lose(model);
  await deviceOf(model).gpu.lost;
  await model.setWeights(weights);
  expect((await model.predict(DATA.x)).data).toEqual(wanted);
});

test('setWeights of all, then of some, then of others', async () => {
  const weights = await model.getWeights();
  const halves = weights.map(({ data, ...rest }) => ({ ...rest, data: data.map((x) => x / 2) }));
  const [first, last] = [halves[0]!, halves.at(-1)!].map((weight) => ({ ...weight, data: weight.data.map(() => 3) }));
  await model.setWeights(halves);
  await model.setWeights([first!], { strict: false });
  await model.setWeights([last!], { strict: false });
  lose(model);
  expect(await model.getWeights()).toEqual([first, ...halves.slice(1, -1), last]);
  await model.setWeights(weights);
});

test('a file that was loaded', async () => {
  const loaded = await loadModel(await model.save(), { device: await requestDevice() });
  lose(loaded);
  expect((await loaded.predict(DATA.x)).data).toEqual(wanted);
  loaded.dispose();
});

describe('lost before compile has ended: the model is on another device', () => {
  const wait = async (turns: number) => {
    for (let turn = 0; turn < turns; turn++) await undefined;
  };
  test('at any moment of it', async () => {
    const file = await model.save();
    const straight = await compiled(await requestDevice());
    const first = await straight.getWeights();
    straight.dispose();
    for (let turns = 0; turns < 24; turns++) {
      const device = await requestDevice();
      const ending = wait(turns).then(() => device.gpu.destroy());
      const anew = await compiled(device);
      await ending;
      expect(await anew.getWeights(), `lost after ${turns} turns`).toEqual(first);
      anew.dispose();
      const other = await requestDevice();
      const loading = loadModel(file, { device: other });
      await wait(turns);
      other.gpu.destroy();
      const loaded = await loading;
      expect(contents(await loaded.save()), `loaded, lost after ${turns} turns`).toEqual(contents(file));
      loaded.dispose();
    }
  });

  test('before it has begun, whether the loss was reported or not', async () => {
    for (const reported of [true, false]) {
      const device = await requestDevice();
      device.gpu.destroy();
      if (reported) await device.gpu.lost;
      const anew = await compiled(device);
      await anew.compile({ ...COMPILE, device, recompile: true }); // the device that it was on is none to move to
      expect((await anew.predict(DATA.x)).data).toHaveLength(120);
      anew.dispose();
    }
  });
});

test('fit and compile', async () => {
  const file = await model.save();
  const run = async (loses: boolean) => {
    const again = await loadModel(file, { device: await requestDevice() });
    if (loses) lose(again);
    await again.fit(DATA, OPTIONS);
    if (loses) lose(again);
    await again.compile({ ...COMPILE, recompile: true });
    if (loses) lose(again);
    await again.fit(DATA, OPTIONS);
    const result = contents(await again.save());
    again.dispose();
    return result;
  };
  expect(await run(true)).toEqual(await run(false));
});

test('trainOnBatch makes its step on the next device; steps before it that no snapshot holds are lost, which is said', async () => {
  const again = await compiled(await requestDevice());
  const straight = await compiled(await requestDevice());
  await straight.trainOnBatch(DATA.x, DATA.y);
  lose(again);
  await again.trainOnBatch(DATA.x, DATA.y); // none before it
  expect(contents(await again.save())).toEqual(contents(await straight.save()));
  lose(again);
  await expect(again.trainOnBatch(DATA.x, DATA.y)).rejects.toThrow(
    /trainOnBatch: the GPU device was lost \(destroyed.*1 steps that no snapshot holds.*as it was after step 0/,
  );
  expect(again.iterations).toBe(0);
  await again.trainOnBatch(DATA.x, DATA.y);
  expect(contents(await again.save())).toEqual(contents(await straight.save()));
  again.dispose();
  straight.dispose();
});

describe('a device lost after a fit that did not come to its end: no step is lost with it', () => {
  const bad = { ...DATA, x: { ...DATA.x, data: DATA.x.data.slice().fill(3e38, 30 * 64, 31 * 64) } };
  const abort = new AbortController();
  test.each<[string, FitOptions, typeof DATA]>([
    [
      'aborted',
      { signal: abort.signal, callbacks: { onBatchEnd: (batch) => void (batch === 3 && abort.abort()) } },
      DATA,
    ],
    ['failed in a callback', { callbacks: { onBatchEnd: (batch) => void (batch === 3 && fail()) } }, DATA],
    ['stopped by its watch', { shuffle: false, watch: 'stop' }, bad],
  ])('%s', async (_, options, data) => {
    const ended = await compiled(await requestDevice());
    await expect(ended.fit(data, { ...OPTIONS, ...options })).rejects.toThrow();
    const before = contents(await ended.save());
    expect(ended.iterations).toBeGreaterThanOrEqual(3);
    lose(ended);
    await deviceOf(ended).gpu.lost;
    expect((await ended.predict(DATA.x)).data).toHaveLength(120);
    expect(contents(await ended.save())).toEqual(before);
    ended.dispose();
  });
});

function fail(): never {
  throw new Error('a mistake');
}
