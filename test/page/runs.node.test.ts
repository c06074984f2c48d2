/** What the page makes of its runs, with a worker that does as the test says. */
import { MessageChannel } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { CurrentModel, Lab, LabEvent, Listener, RunOutcome } from '../../demo/lab/protocol/index.ts';
import type { RunTest } from '../../demo/lab/runs/record.ts';
import { presets } from '../../src/brain/index.ts';

const training = { optimizer: 'adam', learningRate: 0.001, schedule: 'constant', batchSize: 32, epochs: 5 } as const;
const preset = { layers: presets.baseline(), training: { ...training, seed: 0 } };
const second = { ...preset, layers: presets.second() };

/** Calls of the worker, in their order. */
let calls: string[] = [];
/** What the run is told of; then it ends with the outcome that `end` is given. */
let send: Listener;
let end: (outcome: RunOutcome) => void;
let run = 0;
/** The model that the worker holds. */
let held: CurrentModel | undefined;
/** By what listens to the worker. */
const thrown: unknown[] = [];

const worker: Partial<Lab> = {
  connect(listener) {
    send = listener;
    return { presets: { baseline: preset, second } as never, layerTypes: [] };
  },
  simulate: async () => ({ source: 'simulated', labels: Int32Array.of(0, 1), segments: Int32Array.of(0, 0) }),
  train(request) {
    calls.push('train');
    run = request.run;
    return new Promise((resolve) => {
      end = resolve;
    });
  },
  pause: () => void calls.push('pause'),
  resume: () => void calls.push('resume'),
  stop: () => void calls.push('stop'),
  setLearningRate: (rate) => void calls.push(`rate ${rate}`),
  current: () => held,
};

/** In the place of the browser's. */
function FakeWorker(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  Comlink.expose(worker, port2 as never);
  return port1 as never;
}

let lab: typeof import('../../demo/lab/client.ts') & typeof import('../../demo/frame/notify.ts');
let runs: typeof import('../../demo/lab/runs/runs.ts') & typeof import('../../demo/lab/runs/actions.ts');
let settings: typeof import('../../demo/lab/state/training.ts').training;

beforeAll(async () => {
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('reportError', (error: unknown) => thrown.push(error));
  lab = { ...(await import('../../demo/lab/client.ts')), ...(await import('../../demo/frame/notify.ts')) };
  runs = { ...(await import('../../demo/lab/runs/runs.ts')), ...(await import('../../demo/lab/runs/actions.ts')) };
  settings = (await import('../../demo/lab/state/training.ts')).training;
  (await import('../../demo/lab/runs/events.ts')).watchRuns();
  await lab.connect();
});

beforeEach(() => {
  calls = [];
  lab.notices.value = [];
});

afterAll(() => {
  vi.unstubAllGlobals();
  expect(thrown).toEqual([]);
});

const begin = (): LabEvent => ({
  ...{ type: 'begin', run, examples: 2, validationExamples: 0, stepsPerEpoch: 1, parameters: 10, peakBytes: 10 },
  ...{ initialEpoch: 0, startAtStep: 0 },
});
const recovered = (): LabEvent => ({ type: 'recovered', run, message: 'Training goes on.' });
const texts = () => lab.notices.value.map(({ text }) => text);
/** Starts a run, and waits until the worker has it. @returns ends it */
async function start(): Promise<(outcome: RunOutcome) => Promise<void>> {
  const over = runs.start();
  await vi.waitFor(() => expect(calls).toContain('train'));
  return (outcome) => {
    end(outcome);
    return over;
  };
}

test('a run that fails leaves no progress behind', async () => {
  const finish = await start();
  await send({ type: 'progress', task: 'compile', what: 'compiling shaders', done: 1, total: 10 });
  expect(lab.progress.value.compile).toMatchObject({ done: 1, total: 10 });
  await finish({ outcome: 'failed', problem: 'no' });
  expect(lab.progress.value.compile).toBeUndefined();
});

test('a lost GPU is told for people; what was told of a run goes with it', async () => {
  const problem = 'the GPU device was lost (unknown: gone). Request a new device and build the model again.';
  let finish = await start();
  await send(recovered());
  expect(texts()).toEqual(['Training goes on.']);
  await finish({ outcome: 'failed', problem });
  expect(texts()).toEqual([expect.stringMatching(/^Training failed: the GPU was lost.*“Go on”/)]);
  expect(runs.findRun(run)!.problem).not.toMatch(/device/);
  lab.notify('problem', 'The file is damaged.'); // not of a run
  calls = [];
  finish = await start();
  expect(texts()).toEqual(['The file is damaged.']);
  await finish({ outcome: 'stopped' });
});

test('a GPU that is lost while nothing runs is told; one of a run is told by the run', async () => {
  await send({ type: 'machine', machine: { state: 'asking' } });
  expect(texts()).toEqual([expect.stringMatching(/^The GPU was lost/)]);
  lab.notices.value = [];
  const finish = await start();
  await send({ type: 'machine', machine: { state: 'asking' } });
  expect(texts()).toEqual([]);
  await finish({ outcome: 'stopped' });
});

test('settings for the next run leave the rate of this one alone', async () => {
  const finish = await start();
  expect(runs.runRate.value).toBe(0.001);
  settings.value = { ...settings.value, optimizer: 'sgd', learningRate: 0.01 };
  expect(runs.runRate.value).toBe(0.001);
  runs.setLearningRate(0.002);
  expect(runs.runRate.value).toBe(0.002);
  expect(settings.value.learningRate).toBe(0.002);
  await vi.waitFor(() => expect(calls).toEqual(['train', 'rate 0.002']));
  await finish({ outcome: 'stopped' });
  expect(runs.runRate.value).toBeUndefined();
  settings.value = { ...settings.value, ...training };
});

test('a rate that is set before there is a model reaches it; one that was not is not set', async () => {
  let finish = await start();
  await send(begin());
  await lab.lab.current(); // comes after whatever was asked before
  expect(calls).toEqual(['train']);
  await finish({ outcome: 'stopped' });
  calls = [];
  finish = await start();
  runs.setLearningRate(0.002);
  await vi.waitFor(() => expect(calls).toEqual(['train', 'rate 0.002'])); // too early: there is no model
  await send(begin());
  await vi.waitFor(() => expect(calls).toEqual(['train', 'rate 0.002', 'rate 0.002']));
  await finish({ outcome: 'stopped' });
  runs.setLearningRate(0.001);
});

test('a pause at the very beginning is kept', async () => {
  const over = runs.start();
  runs.pause();
  expect(runs.paused.value).toBe(true);
  await vi.waitFor(() => expect(calls.slice(-2)).toEqual(['train', 'pause']));
  end({ outcome: 'stopped' });
  await over;
  expect(runs.paused.value).toBe(false);
});

test('a network that is chosen while another one trains waits, and says so, until it is drawn', async () => {
  const { beginWith, drawChosen } = await import('../../demo/lab/runs/initialize.ts');
  const { drawnPreset, drawnRun, waits } = await import('../../demo/lab/bench/drawn.ts');
  const seen = () => [drawnPreset.value, waits.value];
  beginWith('baseline');
  expect(seen()).toEqual(['baseline', false]);
  const finish = await start();
  beginWith('second');
  expect(seen()).toEqual(['baseline', true]); // before the worker has the model
  held = { layers: preset.layers, optimizer: 'adam', parameters: 10, iterations: 1 };
  await send(begin());
  await vi.waitFor(() => expect(runs.currentModel.value?.run).toBe(run));
  expect(seen()).toEqual(['baseline', true]);
  beginWith('baseline');
  expect(seen()).toEqual(['baseline', false]);
  beginWith('second');
  await finish({ outcome: 'stopped' });
  expect(seen()).toEqual(['baseline', true]); // the trained one is still drawn
  drawChosen();
  expect(seen()).toEqual(['second', false]);
  expect(drawnRun.value).toBeUndefined();
  held = undefined;
});

test('layers that are edited wait as well; a network that is trained further keeps its name', async () => {
  const { beginWith } = await import('../../demo/lab/runs/initialize.ts');
  const { drawnPreset, waits } = await import('../../demo/lab/bench/drawn.ts');
  const { setLayers } = await import('../../demo/lab/state/network.ts');
  beginWith('second');
  held = { layers: second.layers, optimizer: 'adam', parameters: 10, iterations: 1 };
  let finish = await start();
  await send(begin());
  await finish({ outcome: 'stopped' });
  calls = [];
  const further = runs.start({ goOn: true });
  await vi.waitFor(() => expect(calls).toContain('train'));
  await send(begin());
  expect([drawnPreset.value, waits.value]).toEqual(['second', false]);
  end({ outcome: 'stopped' });
  await further;
  setLayers(second.layers.slice(1));
  calls = [];
  runs.currentModel.value = undefined;
  finish = await start();
  await send(begin());
  expect([drawnPreset.value, waits.value]).toEqual(['custom', false]);
  setLayers(second.layers.slice(2));
  expect([drawnPreset.value, waits.value]).toEqual(['custom', true]);
  await finish({ outcome: 'stopped' });
  held = undefined;
  beginWith('baseline');
});

test('what a network has learned is told of the one that is drawn, else of the last one, and of none while one trains', async () => {
  const { toldRun, drawnRun } = await import('../../demo/lab/bench/drawn.ts');
  const { drawChosen } = await import('../../demo/lab/runs/initialize.ts');
  held = { layers: preset.layers, optimizer: 'adam', parameters: 10, iterations: 1 };
  let finish = await start();
  await send(begin());
  await finish({ outcome: 'stopped' });
  const first = run;
  runs.changeRun(first, { test: { loss: 1, accuracy: 0.5 } as RunTest });
  expect(toldRun.value?.id).toBe(first);
  expect(drawnRun.value).toBe(toldRun.value);
  drawChosen();
  expect(toldRun.value?.id).toBe(first);
  expect(drawnRun.value).toBeUndefined();
  calls = [];
  finish = await start();
  await send(begin());
  expect(toldRun.value).toBeUndefined();
  await finish({ outcome: 'stopped' });
  expect(drawnRun.value?.id).toBe(run);
  expect(toldRun.value?.id).toBe(first);
  held = undefined;
});
