/** The page's worker, called as the page calls it, on few images and small networks. */
import * as Comlink from 'comlink';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Lab, LabEvent, LayerSpec, Role, RunRequest } from '../../demo/lab/protocol/index.ts';
import { simulateBrain, writeBrainImages } from '../../src/brain/index.ts';
import { layers, loadModel } from '../../src/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';

const roles = (letters: string): Role[] =>
  [...letters].map((letter) => (({ t: 'train', v: 'validate', e: 'test' })[letter] as Role) ?? 'unused');
const TRAIN_AND_TEST = roles('tt-----e--');

const SMALL: LayerSpec[] = [
  layers.maxPool2d({ poolSize: 8, inputShape: [128, 128, 1] }),
  layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
  layers.flatten(),
  layers.dropout({ rate: 0.2 }),
  layers.dense({ units: 2 }),
];
const request = (change: Partial<RunRequest['training']> = {}, goOn = false): RunRequest => ({
  run: 1,
  layers: SMALL,
  training: {
    ...{ optimizer: 'adam', learningRate: 0.01, schedule: 'constant', batchSize: 4, epochs: 3, seed: 0 },
    ...change,
  },
  roles: TRAIN_AND_TEST,
  goOn,
});

const events: LabEvent[] = [];
const waiting = new Set<() => void>();
const receive = (event: LabEvent) => {
  events.push(event);
  for (const check of waiting) check();
};

/** The first event of this test, from now on or before, that satisfies a condition. */
function seen<T extends LabEvent['type']>(
  type: T,
  condition: (event: Extract<LabEvent, { type: T }>) => boolean = () => true,
): Promise<Extract<LabEvent, { type: T }>> {
  return new Promise((resolve) => {
    const check = () => {
      const found = events.find((event) => event.type === type && condition(event as never));
      if (!found) return;
      waiting.delete(check);
      resolve(found as never);
    };
    waiting.add(check);
    check();
  });
}

// One worker for all tests, as a page has. Lost devices are tested in recovery.node.test.ts, in a browser of its own: after
// one, ending the worker may bring Chromium down.
const lab = Comlink.wrap<Lab>(new Worker(new URL('../../demo/lab/worker/lab.ts', import.meta.url), { type: 'module' }));
const greeting = lab.connect(Comlink.proxy(receive));

/** The worker without a run, with images of segments 0, 1 and 7, and no events but those to come. */
async function startLab() {
  const hello = await greeting;
  await lab.stop();
  const data = await lab.simulate({ segments: [0, 1, 7], imagesPerClass: 8, seed: 0 });
  return { hello, data };
}

beforeEach(() => {
  events.length = 0;
  waiting.clear();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('greets, finds a machine, simulates', async () => {
  const { hello, data } = await startLab();
  expect(Object.keys(hello.presets)).toEqual(['baseline', 'second', 'rgb', 'improved']);
  expect(hello.presets.improved.training).toMatchObject({ epochs: 10, schedule: 'cosine', seed: 0 });
  expect(hello.layerTypes).toContain('conv2d');
  const { machine } = await seen('machine', ({ machine }) => machine.state === 'ready');
  expect(machine).toMatchObject({ software: true, timestamps: true });
  expect((machine as { limits: Record<string, number> }).limits.maxBufferSize).toBeGreaterThan(2 ** 20);
  expect(data.source).toBe('simulated');
  expect([...data.segments]).toEqual([0, 1, 7].flatMap((segment) => new Array(16).fill(segment)));
  expect([...data.labels].filter((label) => label === 1)).toHaveLength(24);
  expect(events.some((event) => event.type === 'progress' && event.task === 'data')).toBe(true);
  // The same images as ever, and only the missing ones are made.
  const [picture] = await lab.pictures([20]);
  const { x } = simulateBrain({ segments: [1], imagesPerClass: 8, seed: 0 });
  expect(picture).toMatchObject({ row: 20, label: 0, segment: 1 });
  expect([...picture!.pixels]).toEqual([...x.data.subarray(4 * 16384, 5 * 16384)]);
  const more = await lab.simulate({ segments: [1, 0, 8], imagesPerClass: 8, seed: 0 });
  expect([...new Set(more.segments)]).toEqual([0, 1, 8]);
});

describe('a run', () => {
  test('tells what happens, and its model stays', async () => {
    await startLab();
    expect(await lab.current()).toBeUndefined();
    await expect(lab.test(Int32Array.of(0))).rejects.toThrow(/no trained network/);
    const { outcome, model } = await lab.train(request());
    expect(outcome).toBe('done');
    const states = events.flatMap((event) => (event.type === 'state' ? [event.state] : []));
    expect(states).toEqual(['preparing', ...[1, 2, 3].flatMap(() => ['training', 'validating'])]);
    const begin = await seen('begin');
    expect(begin).toMatchObject({ examples: 26, validationExamples: 6, stepsPerEpoch: 7 });
    expect(begin.peakBytes).toBeGreaterThan(4 * 4 * 128 * 128);
    const points = events.flatMap((event) => (event.type === 'steps' ? event.points : []));
    expect(points.map(({ x }) => Math.round(x * 7))).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    const epochs = events.filter((event) => event.type === 'epoch');
    expect(epochs.map(({ x }) => x)).toEqual([1, 2, 3]);
    expect(epochs.every(({ loss, valLoss }) => Number.isFinite(loss) && Number.isFinite(valLoss!))).toBe(true);
    const last = events.filter((event) => event.type === 'steps').at(-1)!;
    expect(last.imagesPerSecond).toBeGreaterThan(0);
    expect(last.learningRate).toBeCloseTo(0.01, 6);

    const current = await lab.current();
    expect(current).toMatchObject({ iterations: 21, layers: SMALL });
    const rows = Int32Array.from({ length: 16 }, (_, i) => 32 + i);
    const test = await lab.test(rows);
    const right = test.labels.filter((label, i) => label === (test.fake[i]! > 0.5 ? 1 : 0)).length;
    expect(test.accuracy).toBeCloseTo(right / 16, 6);
    const loss = test.labels.reduce((sum, y, i) => sum - Math.log(y ? test.fake[i]! : 1 - test.fake[i]!), 0) / 16;
    expect(test.loss).toBeCloseTo(loss, 4);
    expect((await lab.test(rows.subarray(0, 2))).fake).toEqual(test.fake.subarray(0, 2));

    // What the worker gave is a model file, and training goes on from it.
    expect((await loadModel(model!)).iterations).toBe(21);
    const further = await lab.train(request({ epochs: 1, learningRate: 0.003, optimizer: 'sgd' }, true));
    const rates = events.flatMap((event) => (event.type === 'steps' ? [event.learningRate] : []));
    expect(rates.at(-1)).toBeCloseTo(0.003, 6);
    expect(await lab.current()).toMatchObject({ optimizer: 'adam' }); // it stays, its state goes on
    expect(further.outcome).toBe('done');
    expect((await lab.current())!.iterations).toBe(28);
  });

  test('pauses, steps, changes its rate, goes on, stops', async () => {
    await startLab();
    const done = lab.train(request({ epochs: 1000 }));
    await seen('steps', ({ points }) => points.at(-1)!.x > 1);
    await lab.pause();
    await seen('state', ({ state }) => state === 'paused');
    await sleep(300);
    const steps = () => events.reduce((sum, event) => sum + (event.type === 'steps' ? event.points.length : 0), 0);
    const held = steps();
    await sleep(300);
    expect(steps()).toBe(held);
    await lab.step();
    await expect.poll(steps).toBe(held + 1);
    await lab.setLearningRate(0.002);
    await lab.resume();
    await seen('steps', ({ learningRate }) => Math.abs(learningRate - 0.002) < 1e-9);
    await expect(lab.train(request())).rejects.toThrow(/under way/);
    await expect(lab.test(Int32Array.of(32))).rejects.toThrow(/under way/);
    // While it trains, one may look inside.
    const [kernels] = await lab.kernels();
    expect(kernels).toMatchObject({ layer: 'conv2d', shape: [3, 3, 1, 3] });
    const inspection = await lab.inspect(40);
    expect(inspection.layers.map(({ type }) => type)).toEqual(SMALL.map(({ type }) => type));
    expect(inspection.layers[0]).toMatchObject({ shape: [16, 16, 1], window: { size: [8, 8], strides: [8, 8] } });
    expect(inspection.layers[0]!.argmax).toHaveLength(256);
    expect(inspection.probabilities[0]! + inspection.probabilities[1]!).toBeCloseTo(1, 5);
    await lab.stop();
    const { outcome, model } = await done;
    expect(outcome).toBe('stopped');
    expect(model!.length).toBeGreaterThan(1000);
    await lab.pause(); // without a run nothing happens
    await lab.step();
  });

  test('stops while it is paused, and before it began', async () => {
    await startLab();
    const paused = lab.train(request({ epochs: 1000 }));
    await seen('steps');
    await lab.pause();
    await lab.stop();
    expect((await paused).outcome).toBe('stopped');
    const early = lab.train(request());
    await lab.stop();
    expect((await early).outcome).toBe('stopped');
  });

  test('says what is missing', async () => {
    await startLab();
    const nothing = await lab.train({ ...request(), roles: roles('----------') });
    expect(nothing).toMatchObject({ outcome: 'failed', problem: expect.stringMatching(/no real image to train on/) });
    const wrong = await lab.train({ ...request(), layers: [layers.dense({ units: 2, inputShape: [4] })] });
    expect(wrong.outcome).toBe('failed');
  });

  test('validates on segments, and sees the rainbow', async () => {
    await startLab();
    const [first, ...rest] = SMALL;
    const rgb = [{ ...first!, options: { ...first!.options, inputShape: [128, 128, 3] } }, ...rest];
    const { outcome } = await lab.train({ ...request({ epochs: 1 }), layers: rgb, roles: roles('tv-----e--') });
    expect(outcome).toBe('done');
    expect(await seen('begin')).toMatchObject({ examples: 16, validationExamples: 16 });
    const { input, saliency } = await lab.inspect(0);
    expect([input.shape, saliency.shape]).toEqual([
      [128, 128, 3],
      [128, 128, 3],
    ]);
  });
});

describe('files', () => {
  const file = (name: string, bytes: BlobPart) => ({ path: name, file: new File([bytes], name) });
  const { x } = simulateBrain({ segments: [0], imagesPerClass: 3, seed: 5 });
  const some = { data: x.data.slice(0, 3 * 16384), shape: [3, 128, 128, 1] as [number, 128, 128, 1] };

  test('of the course', async () => {
    await startLab();
    const bytes = await writeBrainImages(some);
    const data = await lab.openFiles([file('real_2.gz', bytes), file('fake_2.gz', bytes), file('.DS_Store', 'x')]);
    expect(data.source).toBe('course files');
    expect([...data.labels]).toEqual([0, 1, 0, 1, 0, 1]);
    expect([...data.segments]).toEqual([2, 2, 2, 2, 2, 2]);
    const sample = await lab.openFiles([file('real_sample.gz', bytes), file('fake_sample.gz', bytes)]);
    expect([...new Set(sample.segments)]).toEqual([0]);
    await expect(lab.openFiles([file('real_2.gz', bytes)])).rejects.toThrow(/fake_2.gz is missing/);
    await expect(lab.openFiles([file('real_2.gz', 'no gzip'), file('fake_2.gz', bytes)])).rejects.toThrow(/real_2.gz/);
    await expect(lab.openFiles([file('notes.gz', bytes)])).rejects.toThrow(/notes.gz/);
    const [picture] = await lab.pictures([0]); // the data so far are still there
    expect(picture!.segment).toBe(0);
  });

  test('pictures', async () => {
    await startLab();
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext('2d')!;
    context.fillStyle = 'white';
    context.fillRect(0, 0, 32, 64);
    const png = await canvas.convertToBlob();
    const paths = ['scans/real/a.png', 'scans/fake/a.png', 'scans/fake/b.png', 'Thumbs.db'];
    const data = await lab.openFiles(paths.map((path) => ({ path, file: new File([png], path.split('/').at(-1)!) })));
    expect(data.source).toBe('pictures');
    expect([...data.labels]).toEqual([0, 1, 1]);
    const [picture] = await lab.pictures([0]);
    expect([picture!.pixels[0], picture!.pixels[127]]).toEqual([1, 0]);
    await expect(lab.openFiles([file('real.png', png), file('x.png', png)])).rejects.toThrow(/x.png: neither/);
    await expect(lab.openFiles([file('real.png', png)])).rejects.toThrow(/no fake picture/);
    await expect(lab.openFiles([file('real.png', 'text'), file('fake.png', png)])).rejects.toThrow(/real.png is not/);
    await expect(lab.openFiles([file('real_0.gz', png), file('fake.png', png)])).rejects.toThrow(/fake.png/);
    await expect(lab.openFiles([])).rejects.toThrow(/no files/);
  });
});

test('describes networks, whatever was typed', async () => {
  await startLab();
  const good = await lab.describe(SMALL);
  expect(good.problem).toBeUndefined();
  expect(good.layers.map(({ outputShape }) => outputShape)).toEqual([[16, 16, 1], [14, 14, 3], [588], [588], [2]]);
  expect(good.parameters).toBe(30 + 588 * 2 + 2);
  const problem = async (...list: LayerSpec[]) => (await lab.describe(list)).problem;
  const input = { inputShape: [128, 128, 1] };
  const flat = layers.flatten(input);
  expect(await problem()).toMatchObject({ layer: 0, message: expect.stringMatching(/add one/) });
  expect(await problem(flat)).toMatchObject({ layer: 0, message: expect.stringMatching(/end with 2 numbers/) });
  expect(await problem(layers.dense({ units: 2, inputShape: [128, 128, 1] }))).toMatchObject({ layer: 0 });
  expect(await problem(flat, layers.dense({ units: 2, activation: 'softmax' }))).toMatchObject({
    layer: 1,
    message: expect.stringMatching(/logits/),
  });
  const wide = layers.dense({ units: 1e6 });
  expect(await problem(flat, wide)).toMatchObject({ layer: 1, message: expect.stringMatching(/too large/) });
  const other = layers.flatten({ inputShape: [64, 64, 1] });
  expect(await problem(other, layers.dense({ units: 2 }))).toMatchObject({
    layer: 0,
    message: expect.stringMatching(/128 × 128/),
  });
  for (const filters of [Number.NaN, -1, 0, 1.5, '8', null]) {
    const layer = layers.conv2d({ ...input, kernelSize: 3, filters: filters as never });
    expect(await problem(layer)).toMatchObject({ layer: 0, message: expect.stringMatching(/filters/) });
  }
});

test('keeps its model where a file is damaged, and takes a good one', async () => {
  await startLab();
  await lab.train(request({ epochs: 1 }));
  const saved = await lab.save();
  const before = await lab.test(Int32Array.of(32));
  await expect(lab.load(new Blob([saved.slice(0, 500)]))).rejects.toThrow();
  await expect(lab.load(new Blob(['nonsense']))).rejects.toThrow();
  const { tensors, metadata } = readSafetensors(saved);
  const changed = (edit: (text: string) => string, held = [...tensors.values()]) =>
    new Blob([writeSafetensors(held, { neurite: edit(metadata.neurite!) })]);
  await expect(lab.load(changed((text) => text.replace('"units":2', '"units":1000000000')))).rejects.toThrow(
    /too large/,
  );
  await expect(lab.load(changed((text) => text.replace('"filters":3', '"filters":300000')))).rejects.toThrow(/needs/);
  await expect(lab.load(changed((text) => text.replace('"units"', '"__proto__"')))).rejects.toThrow(
    /no option '__proto__'/,
  );
  const nan = [...tensors.values()].map((tensor) => ({
    ...tensor,
    data: new Float32Array(tensor.data.length).fill(Number.NaN),
  }));
  await expect(lab.load(changed((text) => text, nan))).rejects.toThrow(/not finite/);
  expect(await lab.test(Int32Array.of(32))).toEqual(before);
  await lab.train(request({ epochs: 1, seed: 7 }));
  expect(await lab.load(new Blob([saved]))).toMatchObject({ iterations: 7, layers: SMALL });
  expect(await lab.test(Int32Array.of(32))).toEqual(before);
});

test('a run that begins while a file is opened keeps its model', async () => {
  await startLab();
  await lab.train(request({ epochs: 1 }));
  const saved = await lab.save();
  const opened = lab.load(new Blob([saved])).catch((error: Error) => error.message);
  const { outcome, problem } = await lab.train(request({ epochs: 2 }));
  expect([outcome, problem]).toEqual(['done', undefined]);
  expect(await opened).toMatch(/a run has begun meanwhile/);
  expect(await lab.current()).toMatchObject({ iterations: 14 });
  expect(await lab.load(new Blob([saved]))).toMatchObject({ iterations: 7 });
  // The same where it is the model there is that trains on.
  const again = lab.load(new Blob([saved])).catch((error: Error) => error.message);
  expect(await lab.train(request({ epochs: 1 }, true))).toMatchObject({ outcome: 'done' });
  expect(await again).toMatch(/a run has begun meanwhile/);
  expect(await lab.current()).toMatchObject({ iterations: 14 });
});

test('keeps its images where files are not what they say', async () => {
  await startLab();
  const before = await lab.pictures([0]);
  const open = (content: BlobPart[], ...paths: string[]) =>
    lab.openFiles(paths.map((path) => ({ path, file: new File(content, path) })));
  await expect(open(['text'], 'real_1.png', 'fake_1.png')).rejects.toThrow(/real_1\.png is not a picture/);
  await expect(open([], 'real_0.gz', 'fake_0.gz')).rejects.toThrow(/real_0\.gz is empty/);
  const bomb = new Blob([new Uint8Array(2 ** 28)]).stream().pipeThrough(new CompressionStream('gzip'));
  const small = await writeBrainImages(simulateBrain({ segments: [0], imagesPerClass: 1, seed: 0 }).x);
  await expect(open([await new Response(bomb).blob()], 'real_0.gz', 'fake_0.gz')).rejects.toThrow(
    /more than \d+ bytes/,
  );
  await expect(open([small, small], 'real_0.gz', 'fake_0.gz')).rejects.toThrow(/real_0\.gz is damaged|behind its end/);
  await expect(open([small, 'rubbish'], 'real_0.gz', 'fake_0.gz')).rejects.toThrow(/real_0\.gz is damaged|behind/);
  expect(await lab.pictures([0])).toEqual(before);
});

test('a network is looked into before it is trained', async () => {
  await startLab();
  expect(await lab.initialize(SMALL, 0)).toBe(true);
  expect(await lab.current()).toMatchObject({ iterations: 0, layers: SMALL });
  const { settled, layers: made, kernels } = await lab.inspect(0);
  expect(settled).toBe(true);
  expect(made.map(({ type }) => type)).toEqual(SMALL.map(({ type }) => type));
  expect(made[1]!.options).toMatchObject({ filters: 3, kernelSize: 3 });
  // The first number of the first map, by hand.
  const [before, conv] = [made[0]!, made[1]!];
  const { data, bias } = kernels[0]!;
  let sum = bias![0]!;
  for (let tap = 0; tap < 9; tap++) sum += before.data[Math.floor(tap / 3) * 16 + (tap % 3)]! * data[tap * 3]!;
  expect(conv.data[0]).toBeCloseTo(Math.max(0, sum), 5);
  // Of several the last one counts; another seed gives other weights, the same seed the same ones.
  const first = kernels[0]!.data;
  expect((await Promise.all([lab.initialize(SMALL, 1), lab.initialize(SMALL, 2)]))[1]).toBe(true);
  expect((await lab.kernels())[0]!.data).not.toEqual(first);
  expect(await lab.initialize(SMALL, 0)).toBe(true);
  expect((await lab.kernels())[0]!.data).toEqual(first);
  // A run takes its place.
  const late = lab.initialize(SMALL, 3);
  expect(await lab.train(request({ epochs: 1 }))).toMatchObject({ outcome: 'done' });
  await late;
  expect(await lab.current()).toMatchObject({ iterations: 7 });
  expect((await lab.inspect(0)).kernels[0]!.data).not.toEqual(first);
});
