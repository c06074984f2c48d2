/**
 * A device that is lost at any moment of a fit, not in callbacks alone: while kernels are compiled, a batch is read, steps are
 * under way, a snapshot or the values of a watch travel to the host, or the store is written. Training continues and ends with
 * the bits of an undisturbed run.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { type Callback, type History, requestDevice } from '../../src/index.ts';
import { randomStream } from '../support/arrays.ts';
import { COMPILE, contents, listener, lose, smallModel } from '../support/losses.ts';
import { Moments, streamed } from '../support/moments.ts';
import { memoryStore } from '../support/snapshots.ts';
import { toyExamples } from '../support/toy.ts';

const data = toyExamples(20);
const held = toyExamples(10, 2);

let stopListening = () => {};
afterEach(() => stopListening());

interface Ended {
  readonly history: History;
  readonly file: Record<string, unknown>;
  readonly hookCalls: string[];
  readonly recoveries: number;
  /** Moments that there were. */
  readonly moments: number;
}

/** A fit on a device of its own, which is lost a number of turns of the promise queue after a moment. */
async function fitted(kind: 'resident' | 'streamed', moment: number, ticks: number): Promise<Ended> {
  const moments = new Moments();
  const device = await requestDevice();
  const model = smallModel();
  await model.compile({ ...COMPILE, device });
  stopListening = moments.listen(device);
  const here = () => moments.here();
  const hooks: Callback = {
    ...{ onTrainBegin: here, onEpochBegin: here, onEpochEnd: here, onTrainEnd: here },
    // Several steps are under way, or one.
    ...(kind === 'resident' ? { onBatchLogs: here } : { onBatchBegin: here, onBatchEnd: here }),
  };
  const hookCalls: string[] = [];
  let recoveries = 0;
  const { store } = memoryStore();
  const save = async (bytes: Uint8Array<ArrayBuffer>) => {
    await moments.here();
    await store.save(bytes);
  };
  moments.at(moment, ticks, () => lose(model));
  const history = await model.fit(kind === 'resident' ? data : streamed(data, moments), {
    epochs: 2,
    batchSize: 8, // three steps an epoch, the last one of four examples
    validationData: held,
    callbacks: [hooks, listener(hookCalls)],
    watch: { action: 'restore', everySteps: 4 },
    recovery: { everySteps: 2, store: { ...store, save }, onRecovery: () => void recoveries++ },
  });
  const file = contents(await model.save());
  stopListening();
  model.dispose();
  device.destroy();
  return { history, file, hookCalls, recoveries, moments: moments.count };
}

/** Runs for each kind, spread over its moments. */
const RUNS = 20;
const TICKS = 12;
const seed = Math.floor(Math.random() * 2 ** 31);

describe(`lost at moments of a fit (seed ${seed})`, () => {
  test.each(['resident', 'streamed'] as const)('its data %s', { timeout: 300_000 }, async (kind) => {
    const random = randomStream(seed);
    const { moments, recoveries: none, ...wanted } = await fitted(kind, -1, 0);
    expect(none).toBe(0);
    expect(moments).toBeGreaterThan(RUNS);
    let recovered = 0;
    for (let run = 0; run < RUNS; run++) {
      const moment = Math.floor(((run + random()) * moments) / RUNS);
      const ticks = Math.floor(random() * TICKS);
      const { moments: _, recoveries, ...got } = await fitted(kind, moment, ticks);
      expect(got, `moment ${moment} of ${moments}, tick ${ticks}`).toEqual(wanted);
      recovered += recoveries;
    }
    // A device that is lost when the last step is done is replaced by the next call, or not at all.
    expect(recovered).toBeGreaterThan(RUNS / 2);
  });
});
