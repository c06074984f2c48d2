/** The lines that users of TensorFlow.js type most: each works, or its error shows the line to write, which works. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as tf from '../../src/index.ts';
import { NeuriteError } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { LINES } from '../support/tensorflowLines.ts';

const AsyncFunction = (async () => {}).constructor as new (...code: string[]) => (...values: unknown[]) => unknown;

const dense = (options: object) => tf.sequential([tf.layers.dense({ inputShape: [4], units: 3, ...options })]);

/** What the lines name. */
async function names() {
  const device = await testDevice();
  const model = tf.sequential([
    tf.layers.dense({ inputShape: [4], units: 8, activation: 'relu', name: 'first' }),
    tf.layers.dense({ units: 3 }),
  ]);
  await model.compile({ device, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const labels = Array.from({ length: 24 }, (_, i) => i % 3);
  const x = { data: Float32Array.from({ length: 96 }, (_, i) => Math.sin(i)), shape: [24, 4] };
  const [y, logits] = [Int32Array.from(labels), await model.predict(x)];
  const history = await model.fit(x, y);
  const rows = labels.map((y, i) => ({ row: x.data.subarray(4 * i, 4 * (i + 1)), y }));
  const change = ({ row, y: label }: (typeof rows)[number]) => ({ x: row, y: label });
  const fresh = dense({});
  const softmax = dense({ activation: 'softmax' });
  for (const each of [fresh, softmax]) {
    const { compile } = each;
    each.compile = (options) => compile.call(each, { device, ...options }); // on the device that the tests share
  }
  return {
    ...{ tf, model, x, y, labels, logits, history, fresh, softmax, empty: tf.sequential() },
    ...{ rows, change, batches: tf.dataset(rows).map(change).batch(8), examples: () => rows.map(change) },
    ...{ xTest: x, yTest: y, pixels: new Float32Array(2 * 784), order: Uint32Array.of(0, 1, 2) },
  };
}

let given: Awaited<ReturnType<typeof names>>;
beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  given = await names();
});
afterEach(async () => {
  await given.model.predict(given.x).catch(() => {}); // one that a line has not awaited has then ended
  for (const model of [given.model, given.fresh, given.softmax, given.empty]) model.dispose();
  vi.restoreAllMocks();
});

const run = async (line: string) =>
  new AsyncFunction(...Object.keys(given), `return (${line});`)(...Object.values(given));
const failure = (line: string): Promise<unknown> =>
  run(line).then(
    () => undefined,
    (error: unknown) => error,
  );

/** Lines whose names do what they do in silence, or stand for something else: only the page can say what to write. */
const QUIET = ['model.summary()'];

describe.each(LINES)('$tensorflow', ({ tensorflow, here, error, gives }) => {
  if (here === undefined) {
    test('works', async () => {
      const value = await run(tensorflow);
      if (gives !== undefined) expect(value).toEqual(gives);
    });
    return;
  }
  test(error ? 'is an error that shows what to write' : 'has names that do not exist', async () => {
    const thrown = await failure(tensorflow);
    if (QUIET.includes(tensorflow)) return expect(thrown).toBeUndefined();
    if (error) expect((thrown as Error).message).toContain(error);
    expect(thrown).toBeInstanceOf(error ? NeuriteError : TypeError);
  });
  test(`${here} works`, async () => {
    await run(here);
  });
});

test('there are more than forty, each once', () => {
  expect(LINES.length).toBeGreaterThanOrEqual(40);
  expect(new Set(LINES.map(({ tensorflow }) => tensorflow)).size).toBe(LINES.length);
});
