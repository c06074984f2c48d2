/** Pausing, stepping and stopping a fit. */
import { describe, expect, test } from 'vitest';
import {
  type Callback,
  DeviceError,
  earlyStopping,
  type Model,
  requestDevice,
  StateError,
  type Training,
} from '../../src/index.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const data = toyExamples(64);
const OPTIONS = { epochs: 2, batchSize: 8, validationSplit: 0.25 }; // 6 steps an epoch
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Fits with a pause after some batch of the first epoch. */
function pausedFit(model: Model, at: number, signal?: AbortSignal) {
  let training!: Training;
  let batches = 0;
  let reached!: () => void;
  const paused = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const callback: Callback = {
    onTrainBegin(given) {
      training = given;
    },
    onBatchEnd() {
      batches++;
      if (batches === at) {
        training.pause();
        reached();
      }
    },
  };
  const done = model.fit(data, { ...OPTIONS, callbacks: callback, ...(signal ? { signal } : {}) });
  return { done, paused, training: () => training, batches: () => batches };
}

describe('pause', () => {
  test('holds steps back, lets single ones through, and changes nothing', async () => {
    const straight = await compiledToy();
    await straight.fit(data, OPTIONS);
    const model = await compiledToy();
    const { done, paused, training, batches } = pausedFit(model, 2);
    await paused;
    expect(training().paused).toBe(true);
    const held = 2;
    await sleep(200);
    expect([batches(), model.iterations]).toEqual([held, held]);
    training().step();
    await expect.poll(batches).toBe(held + 1);
    await sleep(200);
    expect([batches(), model.iterations]).toEqual([held + 1, held + 1]);
    training().resume();
    expect(training().paused).toBe(false);
    await done;
    expect(batches()).toBe(12);
    expect(await bits(model)).toEqual(await bits(straight));
    straight.dispose();
    model.dispose();
  });

  test('before the first step', async () => {
    const model = await compiledToy();
    let training!: Training;
    let batches = 0;
    const done = model.fit(data, {
      ...OPTIONS,
      callbacks: {
        onTrainBegin(given) {
          training = given;
          training.pause();
        },
        onBatchEnd: () => void batches++,
      },
    });
    await expect.poll(() => training?.paused).toBe(true);
    await sleep(300);
    expect([batches, model.iterations]).toEqual([0, 0]);
    training.resume();
    await done;
    training.pause(); // too late to hold anything back
    expect(training.paused).toBe(false);
    expect(batches).toBe(12);
    model.dispose();
  });

  test('holds back the validation too', async () => {
    const model = await compiledToy();
    let epochs = 0;
    let training!: Training;
    let batches = 0;
    const done = model.fit(data, {
      ...OPTIONS,
      callbacks: {
        onTrainBegin(given) {
          training = given;
        },
        onBatchEnd(batch) {
          batches++;
          if (batch === 5) training.pause();
        },
        onEpochEnd: () => void epochs++,
      },
    });
    await expect.poll(() => batches).toBe(6);
    await sleep(300);
    expect([epochs, batches]).toEqual([0, 6]);
    training.step(); // the validation has several batches, and none of them is the step
    await expect.poll(() => batches).toBe(7);
    await sleep(300);
    expect([epochs, batches]).toEqual([1, 7]);
    training.resume();
    await expect.poll(() => batches).toBe(12);
    training.resume();
    const history = await done;
    expect(history.valLoss).toHaveLength(2);
    model.dispose();
  });
});

describe('ending a paused fit', () => {
  test('stop', async () => {
    const model = await compiledToy();
    const { done, paused, training } = pausedFit(model, 1);
    await paused;
    await sleep(100); // the next step waits by now
    const before = model.iterations;
    training().stop();
    const history = await done;
    expect(model.iterations).toBe(before); // the step that waited is not made
    expect(history.loss).toHaveLength(1);
    expect(history.valLoss).toEqual([Number.NaN]); // its validation is left out
    await model.fit(data, { batchSize: 8 }); // the model is still usable
    model.dispose();
  });

  test('abort', async () => {
    const model = await compiledToy();
    const abort = new AbortController();
    const { done, paused } = pausedFit(model, 1, abort.signal);
    await paused;
    await sleep(100); // the next step waits by now
    const before = model.iterations;
    abort.abort(new Error('enough'));
    await expect(done).rejects.toThrow('enough');
    expect(model.iterations).toBe(before);
    model.dispose();
  });

  test('the model disposed', async () => {
    const model = await compiledToy();
    const { done, paused } = pausedFit(model, 1);
    await paused;
    await sleep(100);
    model.dispose();
    await expect(done).rejects.toThrow(StateError);
  });

  test('the device lost', async () => {
    const device = await requestDevice();
    const model = await compiledToy({ device });
    const { done, paused } = pausedFit(model, 1);
    await paused;
    await sleep(100);
    device.destroy();
    await expect(done).rejects.toThrow(DeviceError);
    model.dispose();
  });

  test('abort in mid-validation ends it there', async () => {
    const model = await compiledToy();
    const abort = new AbortController();
    let read = 0;
    const { x, y } = toyExamples(64, 4);
    const validationData = {
      size: 64,
      xShape: [8, 8, 1],
      async read(indices: Uint32Array, into: Float32Array, labels?: Int32Array | Float32Array) {
        indices.forEach((row, i) => {
          into.set(x.data.subarray(row * 64, (row + 1) * 64), i * 64);
          labels![i] = y[row]!;
        });
        if (++read === 2) abort.abort(new Error('enough'));
      },
    };
    const fit = model.fit(data, { batchSize: 8, validationData, signal: abort.signal });
    await expect(fit).rejects.toThrow('enough');
    expect(read).toBe(2); // of 8
    model.dispose();
  });
});

describe('while a batch is read', () => {
  /** Examples that are read in 50 ms a batch. */
  const slow = (whenRead: (batch: number) => void) => {
    let read = 0;
    return {
      size: 64,
      xShape: [8, 8, 1],
      async read(indices: Uint32Array, into: Float32Array, labels?: Int32Array | Float32Array) {
        indices.forEach((row, i) => {
          into.set(data.x.data.subarray(row * 64, (row + 1) * 64), i * 64);
          labels![i] = data.y[row]!;
        });
        whenRead(++read);
        await sleep(50);
      },
    };
  };

  test('a pause holds that batch back', async () => {
    const straight = await compiledToy();
    await straight.fit(data, { batchSize: 8 });
    const model = await compiledToy();
    let training!: Training;
    const done = model.fit(
      slow((batch) => batch === 3 && training.pause()),
      {
        batchSize: 8,
        callbacks: {
          onTrainBegin(given) {
            training = given;
          },
        },
      },
    );
    await expect.poll(() => training?.paused, { interval: 5 }).toBe(true);
    await sleep(300);
    expect(model.iterations).toBe(2);
    training.resume();
    await done;
    expect(await bits(model)).toEqual(await bits(straight));
    straight.dispose();
    model.dispose();
  });

  test('a stop in mid-validation ends it there; the epoch has no validation in its logs', async () => {
    const model = await compiledToy();
    let training!: Training;
    let reads = 0;
    const ends: string[][] = [];
    const validationData = slow((batch) => {
      reads = batch;
      if (batch === 2) training.stop();
    });
    const history = await model.fit(data, {
      epochs: 3,
      batchSize: 8,
      validationData,
      callbacks: [
        {
          onTrainBegin(given) {
            training = given;
          },
          onEpochEnd: (_, logs) => void ends.push(Object.keys(logs)),
        },
        earlyStopping(), // watches valLoss, which this epoch lacks
      ],
    });
    expect(reads).toBe(2); // of 8
    expect(ends).toEqual([['loss', 'accuracy']]);
    expect(history.valLoss).toEqual([Number.NaN]);
    expect(training.stopped).toBe(true);
    model.dispose();
  });
});

test('early stopping still tells a name that no epoch has', async () => {
  const model = await compiledToy();
  const fit = model.fit(data, { callbacks: earlyStopping({ monitor: 'valLos' }) });
  await expect(fit).rejects.toThrow(/no 'valLos' in the logs/);
  model.dispose();
});
