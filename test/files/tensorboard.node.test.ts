/**
 * The files of `neurite/tensorboard`: checksums by RFC 3720, a file byte by byte, and what protobufjs reads in the files of a
 * training, by the messages that TensorFlow has published. Their framing is read here by code of its own.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { ArgumentError, type Callback, type Model, StateError, type Training } from '../../src/index.ts';
import { CallbackList, type Logs } from '../../src/nn/train/callbacks.ts';
import { crc32c } from '../../src/tensorboard/crc32c.ts';
import { record, summaryEvent, versionEvent } from '../../src/tensorboard/events.ts';
import { histogramOf } from '../../src/tensorboard/histogram.ts';
import { tensorBoard } from '../../src/tensorboard/index.ts';
import { integerField, joined } from '../../src/tensorboard/protobuf.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-tensorboard-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllGlobals());

/** Names and numbers of TensorFlow's event.proto, summary.proto and histogram.proto. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; bytes graph_def = 4; Summary summary = 5; }
  }
  message Summary {
    message Value { string tag = 1; oneof value { float simple_value = 2; HistogramProto histo = 5; } }
    repeated Value value = 1;
  }
  message HistogramProto {
    double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    repeated double bucket_limit = 6 [packed = true];
    repeated double bucket = 7 [packed = true];
  }
`);

interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly bucketLimit: number[];
  readonly bucket: number[];
}
interface Event {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly summary?: {
    readonly value: { readonly tag: string; readonly simpleValue?: number; readonly histo?: Histogram }[];
  };
}

/** CRC-32C as the definition says: the remainder of a division of polynomials over bits, the lowest bit of each byte first. */
function remainder(bytes: Uint8Array): number {
  const bits = [...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1));
  const dividend = [...bits, ...Array<number>(32).fill(0)].map((bit, i) => (i < 32 ? bit ^ 1 : bit));
  const divisor = [...(0x11edc6f41).toString(2)].map(Number);
  for (let i = 0; i < bits.length; i++) {
    if (dividend[i] === 1) for (const [k, bit] of divisor.entries()) dividend[i + k]! ^= bit;
  }
  return dividend.slice(-32).reduce((crc, bit, i) => crc + (1 - bit) * 2 ** i, 0);
}

/** The data of the records of a file, whose lengths and checksums are right. */
function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const unmasked = (at: number) => {
    const rotated = (view.getUint32(at, true) - 0xa282ead8 + 2 ** 32) % 2 ** 32;
    return (rotated % 2 ** 17) * 2 ** 15 + Math.floor(rotated / 2 ** 17);
  };
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(unmasked(at + 8)).toBe(remainder(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(unmasked(at + 12 + length)).toBe(remainder(data));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

const decoded = (data: Uint8Array): Event => {
  const type = root.lookupType('Event');
  return { step: 0, ...type.toObject(type.decode(data), { longs: Number }) } as Event; // a 0 may be left out
};

/** The events of a folder's files, file by file. */
const eventsIn = (path: string): Event[][] =>
  readdirSync(path)
    .sort()
    .map((name) => recordsOf(readFileSync(join(path, name))).map(decoded));

/** Steps and numbers of a folder's only file. */
const scalarsIn = (path: string) =>
  eventsIn(path)[0]!.flatMap(({ step, summary }) =>
    (summary?.value ?? []).flatMap(({ tag, simpleValue }) =>
      simpleValue === undefined ? [] : [[step, tag, simpleValue]],
    ),
  );

const hex = (...texts: string[]) =>
  Uint8Array.from(texts.join().match(/[\da-f]{2}/g)!, (byte) => Number.parseInt(byte, 16));

test.each([
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes upwards', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 bytes downwards', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  [
    'a command of iSCSI',
    hex('01c00000 00000000 00000000 00000000 14000000 00000400 00000014 00000018 28000000 00000000 02000000 00000000'),
    0xd9963a56,
  ],
  ['the digits 1 to 9', new TextEncoder().encode('123456789'), 0xe3069283],
])('CRC-32C of %s is that of RFC 3720', (_, bytes, crc) => {
  expect(crc32c(bytes).toString(16)).toBe(crc.toString(16));
  expect(remainder(bytes).toString(16)).toBe(crc.toString(16));
});

test('a file of one loss, byte by byte', () => {
  const file = joined(record(versionEvent(1)), record(summaryEvent(2, 300, [{ tag: 'loss', value: 0.5 }])));
  expect(file).toEqual(
    hex(
      '1800000000000000 a37f4b22', // the length, 24, and its checksum: so begin the files of TensorFlow
      '09 000000000000f03f', // wall_time: 1
      '1a 0d 627261696e2e4576656e743a32', // file_version, of 13 letters: brain.Event:2
      '86bf577a', // checksum, as TensorBoard's own code counts it
      '1b00000000000000 1a0d9e13', // the length, 27, and its checksum
      '09 0000000000000040', // wall_time: 2
      '10 ac02', // step: 300 is 2 times 128 and 44
      '2a 0d', // summary, of 13 bytes
      '0a 0b', // its value, of 11 bytes
      '0a 04 6c6f7373', // tag, of 4 letters: loss
      '15 0000003f', // simple_value: 0.5
      'dfc52b60', // checksum
    ),
  );
});

test.each([0, 127, 128, 300, 2 ** 31, 2 ** 32 + 5, 2 ** 53 - 1])('the step %d', (step) => {
  expect(decoded(summaryEvent(1, step, [])).step).toBe(step);
  const reader = protobuf.Reader.create(integerField(2, step));
  expect([reader.uint32(), Number(reader.uint64())]).toEqual([16, step]);
});

test('a histogram counts each finite value once, in buckets of equal width', () => {
  const values = Float32Array.of(0, 0.1, 0.999, 1, 15, 29, 30, Number.NaN, Number.POSITIVE_INFINITY);
  const { min, max, sum, sumOfSquares, limits, counts } = histogramOf(values)!;
  expect([min, max]).toEqual([0, 30]);
  expect(sum).toBeCloseTo(76.099, 5);
  expect(sumOfSquares).toBeCloseTo(1 + 225 + 841 + 900 + 0.01 + 0.998, 4);
  expect(limits).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(counts.map((count, i) => [i, count]).filter(([, count]) => count! > 0)).toEqual([
    [0, 3],
    [1, 1],
    [15, 1],
    [29, 2],
  ]);
  expect(histogramOf([2, 2])).toEqual({ min: 2, max: 2, sum: 4, sumOfSquares: 8, limits: [2], counts: [2] });
  expect(histogramOf([Number.NaN])).toBeUndefined();
  expect(histogramOf([])).toBeUndefined();
});

const kernel = { name: 'dense/kernel', shape: [2, 2], data: Float32Array.of(-1, 0, 1, 1) };
let weights: () => Promise<(typeof kernel)[]> = async () => [kernel];

/**
 * Calls the hooks of some epochs of two batches, as `fit` does.
 * @param streams whether their number is known after the first epoch only
 */
async function train(callback: Callback, epochs: readonly Logs[], initialEpoch = 0, streams = false): Promise<void> {
  const iterations = 2 * initialEpoch;
  const model = { learningRate: 0.25, iterations, getWeights: () => weights() } as unknown as Model;
  let stepsPerEpoch = streams ? undefined : 2;
  const training = {
    ...{ model, epochs: 9, initialEpoch, startAtStep: 0 },
    get stepsPerEpoch() {
      return stepsPerEpoch;
    },
  } as unknown as Training;
  const list = new CallbackList(callback, training, Array<Logs>(initialEpoch).fill({ loss: 1 }));
  await list.trainBegin();
  for (const [i, logs] of epochs.entries()) {
    const epoch = initialEpoch + i;
    await list.epochBegin(epoch);
    for (const batch of [0, 1]) list.batchLogs(epoch, batch, { size: 4, loss: 1 / (1 + batch) });
    stepsPerEpoch = 2;
    await list.epochEnd(epoch, logs).catch(() => list.epochEnd(epoch, logs));
  }
  await list.trainEnd();
}

const logs: Logs = { loss: 0.5, accuracy: 0.75, valLoss: 0.125, valAccuracy: 0.625 };

test('training and validation are two runs with the tags of Keras', async () => {
  const path = join(folder, 'two runs');
  const before = Date.now() / 1000;
  await train(tensorBoard(path), [logs, { ...logs, loss: 0.25, valLoss: Number.NaN }]);
  expect(readdirSync(path).sort()).toEqual(['train', 'validation']);
  expect(scalarsIn(join(path, 'train'))).toEqual([
    [0, 'epoch_loss', 0.5],
    [0, 'epoch_accuracy', 0.75],
    [0, 'epoch_learning_rate', 0.25],
    [1, 'epoch_loss', 0.25],
    [1, 'epoch_accuracy', 0.75],
    [1, 'epoch_learning_rate', 0.25],
  ]);
  expect(scalarsIn(join(path, 'validation'))).toEqual([
    [0, 'epoch_loss', 0.125],
    [0, 'epoch_accuracy', 0.625],
    [1, 'epoch_loss', Number.NaN],
    [1, 'epoch_accuracy', 0.625],
  ]);
  const [events] = eventsIn(join(path, 'train'));
  expect(events![0]!.fileVersion).toBe('brain.Event:2');
  for (const { wallTime } of events!) {
    expect(wallTime).toBeGreaterThanOrEqual(before);
    expect(wallTime).toBeLessThanOrEqual(Date.now() / 1000);
  }
  const [name] = readdirSync(join(path, 'train'));
  expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\./);
  expect(name).toContain(hostname());
});

test('without validation there is no run of it, and without logs no event', async () => {
  const path = join(folder, 'no validation');
  await train(tensorBoard(path), [{}, { loss: 0.5 }]);
  expect(readdirSync(path)).toEqual(['train']);
  expect(scalarsIn(join(path, 'train')).map(([step]) => step)).toEqual([1, 1]);
});

test.each([
  ['batch', [1, 2, 3, 4]],
  [3, [3]],
] as const)('updateFreq %s: the steps of batches count from 1', async (updateFreq, steps) => {
  const path = join(folder, `batches ${updateFreq}`);
  await train(tensorBoard(path, { updateFreq }), [logs, logs]);
  const batches = scalarsIn(join(path, 'train')).filter(([, tag]) => tag === 'batch_loss');
  expect(batches).toEqual(steps.map((step) => [step, 'batch_loss', step % 2 === 1 ? 1 : 0.5]));
  expect(scalarsIn(join(path, 'train')).filter(([, tag]) => tag === 'batch_size')).toEqual([]);
});

test.each([false, true])(
  'a run that is resumed goes on where it was, in files of its own; streams: %s',
  async (streams) => {
    const path = join(folder, `resumed ${streams}`);
    await train(tensorBoard(path, { updateFreq: 'batch' }), [logs, logs], 0, streams);
    await train(tensorBoard(path, { updateFreq: 'batch' }), [logs], 2, streams);
    const files = eventsIn(join(path, 'train'));
    expect(files).toHaveLength(2);
    const stepsOf = (events: Event[], tag: string) =>
      events.filter(({ summary }) => summary?.value.some((value) => value.tag === tag)).map(({ step }) => step);
    expect(files.map((events) => stepsOf(events, 'epoch_loss'))).toEqual([[0, 1], [2]]);
    expect(files.map((events) => stepsOf(events, 'batch_loss'))).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  },
);

test('histogramFreq: the weights of every second epoch', async () => {
  const path = join(folder, 'histograms');
  await train(tensorBoard(path, { histogramFreq: 2 }), [logs, logs, logs]);
  const found = eventsIn(join(path, 'train'))[0]!.flatMap(({ step, summary }) =>
    (summary?.value ?? []).flatMap(({ tag, histo }) => (histo ? [{ step, tag, histo }] : [])),
  );
  expect(found.map(({ step, tag }) => [step, tag])).toEqual([
    [0, 'dense/kernel/histogram'],
    [2, 'dense/kernel/histogram'],
  ]);
  const { bucketLimit, bucket, ...sums } = found[0]!.histo;
  expect(sums).toEqual({ min: -1, max: 1, num: 4, sum: 1, sumSquares: 3 });
  expect(bucketLimit).toHaveLength(30);
  expect(bucketLimit.at(-1)).toBe(1);
  expect(bucket.flatMap((count, i) => (count > 0 ? [[i, count]] : []))).toEqual([
    [0, 1],
    [15, 1],
    [29, 2],
  ]);
});

test('a hook that is called again after the loss of a device writes nothing twice', async () => {
  const path = join(folder, 'called again');
  const answers = [Promise.reject(new Error('lost')), Promise.resolve([kernel])];
  weights = () => answers.shift()!;
  await train(tensorBoard(path, { histogramFreq: 1 }), [logs]);
  weights = async () => [kernel];
  expect(answers).toEqual([]);
  expect(scalarsIn(join(path, 'train')).map(([step, tag]) => [step, tag])).toEqual([
    [0, 'epoch_loss'],
    [0, 'epoch_accuracy'],
    [0, 'epoch_learning_rate'],
  ]);
});

test('a folder that cannot be made ends the training with the error of the file system', async () => {
  const path = join(folder, 'two runs', 'train', readdirSync(join(folder, 'two runs', 'train'))[0]!);
  await expect(train(tensorBoard(path), [logs])).rejects.toThrow(/ENOTDIR|EEXIST/);
});

test('options and folders that do not fit are refused before anything is made', () => {
  const path = join(folder, 'refused');
  const wrong = (options: object) => () => tensorBoard(path, options);
  expect(() => tensorBoard('')).toThrow(ArgumentError);
  expect(wrong({ update_freq: 1 })).toThrow(/Did you mean 'updateFreq'/);
  expect(wrong({ updateFreq: 'epochs' })).toThrow(/Did you mean 'epoch'/);
  expect(wrong({ updateFreq: 0 })).toThrow(ArgumentError);
  expect(wrong({ histogramFreq: -1 })).toThrow(ArgumentError);
  expect(existsSync(path)).toBe(false);
});

test('where there is no file system it says so', () => {
  vi.stubGlobal('process', undefined);
  expect(() => tensorBoard('runs/x')).toThrow(StateError);
});
