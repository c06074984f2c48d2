/** `resume` with data that are not those of the run, with a store whose bytes are damaged, and with options that make no sense. */
import { expect, test } from 'vitest';
import { ArgumentError, DataError, FormatError, readSafetensors, resume, writeSafetensors } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { DATA } from '../support/losses.ts';
import { cut, memoryStore, snapshotOf } from '../support/snapshots.ts';
import { toyExamples } from '../support/toy.ts';

test.each([
  ['fewer examples', { data: toyExamples(59) }],
  ['other pixels', { data: { ...DATA, x: { ...DATA.x, data: DATA.x.data.map((v, i) => (i === 999 ? v + 1 : v)) } } }],
  ['other labels', { data: { ...DATA, y: DATA.y.map((v, i) => (i === 7 ? 1 - v : v)) } }],
  ['other weights', { data: DATA, classWeight: { 0: 3 } }],
  ['other validation data', { data: DATA, validationData: toyExamples(10) }],
  // The same numbers, but all of them would be trained on, not 48.
  ['validation data instead of a split', { data: DATA, validationData: DATA }],
])('%s: a DataError, and the snapshot stays', async (_, { data, ...options }) => {
  const kept = await cut(5);
  const resuming = resume(data, { ...options, store: kept.store, device: await testDevice() });
  await expect(resuming).rejects.toThrow(DataError);
  expect(await kept.store.load()).toBeDefined();
});

test('other weights of validation data: a DataError that says so', async () => {
  const validationData = { ...toyExamples(10), sampleWeight: new Float32Array(10).fill(2) };
  const kept = await cut(5, { validationData });
  for (const sampleWeight of [undefined, new Float32Array(10).fill(3)]) {
    const device = await testDevice();
    const resuming = resume(DATA, { validationData: { ...validationData, sampleWeight }, store: kept.store, device });
    await expect(resuming).rejects.toThrow(DataError);
    await expect(resuming).rejects.toThrow(/10 of them to validate on, with sampleWeight/);
  }
  expect(await resume(DATA, { validationData, store: kept.store, device: await testDevice() })).toBeDefined();
});

test('what nobody would have saved is a FormatError', async () => {
  const { saved } = await cut(8);
  const { tensors, metadata } = readSafetensors(saved.at(-1)!);
  const run = JSON.parse(metadata.run!);
  const changed = (change: object) =>
    snapshotOf([...tensors.values()], { ...metadata, run: JSON.stringify({ ...run, ...change }) });
  const files: Uint8Array<ArrayBuffer>[] = [
    saved.at(-1)!.slice(0, 1000),
    writeSafetensors([...tensors.values()], { neurite: metadata.neurite! }),
    writeSafetensors([...tensors.values()], { ...metadata, run: '{' }),
    writeSafetensors([...tensors.values()], { ...metadata, run: 'null' }),
    ...[
      { version: 5 },
      { options: { ...run.options, epochs: 0 } },
      { options: { ...run.options, batchSize: 1e9 }, place: { ...run.place, step: 5 } },
      { place: { ...run.place, step: -1 } },
      { place: { ...run.place, step: 7 } },
      { place: { ...run.place, epoch: 9 } },
      { place: { ...run.place, sums: [1, 2] } },
      { place: { ...run.place, rows: 1e9 } },
      { logs: [] },
      { logs: [{ loss: 'much' }] },
      { kernels: ['plain'] },
      { lossScale: ['x'] },
      { precision: 'half' },
      { memoryLimit: -1 },
      { memoryLimit: undefined },
      { data: 'none' },
      { watch: { off: false, restores: -1, troubled: false, savedAt: 0 } },
    ].map(changed),
  ];
  for (const bytes of files) {
    const kept = memoryStore();
    kept.bytes = bytes;
    const resuming = resume(DATA, { store: kept.store, device: await testDevice() });
    await expect(resuming, new TextDecoder().decode(bytes.slice(8, 200))).rejects.toThrow(FormatError);
  }
});

test('one bit that flipped, anywhere, is a FormatError that says what to do', async () => {
  const { saved } = await cut(8);
  const good = saved.at(-1)!;
  const device = await testDevice();
  // Every 97th byte: of the header, and of each tensor.
  for (let at = 0; at < good.length; at += 97) {
    const bytes = good.slice();
    bytes[at]! ^= 1 << (at % 8);
    const kept = memoryStore();
    kept.bytes = bytes;
    const resuming = resume(DATA, { store: kept.store, device });
    await expect(resuming, `byte ${at}`).rejects.toThrow(FormatError);
    await expect(resume(DATA, { store: kept.store, device })).rejects.toThrow(/empty it: await store\.remove\(\)/);
  }
});

test.each([
  ['no store', {}, /store must have the methods load, save and remove/],
  ['a store that is none', { store: 'digits' }, /store must have the methods .* got 'digits'/],
  [
    'an option of fit that the snapshot knows',
    { store: memoryStore().store, epochs: 3 },
    /resume: there is no option 'epochs'/,
  ],
  [
    'a second store',
    { store: memoryStore().store, recovery: { store: memoryStore().store } },
    /resume: recovery: there is no option 'store'/,
  ],
  ['no recovery', { store: memoryStore().store, recovery: false }, /resume: recovery: options must be an object/],
])('%s: an ArgumentError', async (_, options, message) => {
  const resuming = resume(DATA, options as never);
  await expect(resuming).rejects.toThrow(ArgumentError);
  await expect(resuming).rejects.toThrow(message);
});

test.each([
  ['no device', { device: 5 }, /device must come from requestDevice/],
  ['no signal', { signal: 5 }, /signal must be an AbortSignal/],
])('%s with a snapshot: the caller is to blame, not the file', async (_, options, message) => {
  const { store } = await cut(5);
  const resuming = resume(DATA, { store, device: await testDevice(), ...options } as never);
  await expect(resuming).rejects.toThrow(ArgumentError);
  await expect(resuming).rejects.toThrow(message);
});
