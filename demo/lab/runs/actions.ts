/** What the user does with runs: start, continue, pause, stop, test. */
import { batch } from '@preact/signals';
import { attempt, dismissOfRun, notify } from '../../frame/notify.ts';
import { lab, progress } from '../client.ts';
import type { Settings } from '../link.ts';
import type { CurrentModel, RunOutcome, RunRequest } from '../protocol/index.ts';
import { worstMistakes } from '../score.ts';
import { data, dataSettled, rowsByRole, simulate } from '../state/data.ts';
import { applySettings, currentSettings } from '../state/settings.ts';
import { training } from '../state/training.ts';
import { type RunRecord, renumbered } from './record.ts';
import { runName } from './runName.ts';
import {
  changeRun,
  currentModel,
  curveVersion,
  findRun,
  live,
  nextId,
  paused,
  refreshModel,
  removeRun,
  running,
  runRate,
  runState,
  runs,
  takeId,
  testing,
} from './runs.ts';
import { slot, storeName } from './tabSlot.ts';

/** Pictures of mistakes that are shown. */
const MISTAKES = 8;

/** Trains a new network, or the current one further; resolves when the run is over and tested. */
export async function start({ goOn = false } = {}): Promise<void> {
  if (!(await ready(data.value === undefined))) return;
  const settings = currentSettings();
  const model = goOn ? currentModel.value : undefined;
  const id = nextId();
  const name = model ? `${model.name.replace(/(, further)? #\d+$/, '')}, further` : runName(settings, runs.value);
  const run: RunRecord = {
    id,
    name: `${name} #${id}`,
    started: new Date(),
    settings: model ? furtherSettings(settings, model) : settings,
    source: data.value?.source ?? 'simulated',
    status: 'running',
    points: [],
    epochs: [],
    shown: true,
  };
  await train(run, { goOn: model !== undefined });
}

/** Continues a run that was cut off, as it was remembered; its own files have been opened. @param learningRate as it was set last */
export async function goOnWith(remembered: RunRecord, learningRate: number): Promise<void> {
  if (running.value || testing.value) return;
  const { parameters: _, ...run } = remembered;
  const { settings } = run;
  applySettings({ ...settings, training: { ...settings.training, learningRate } });
  if (!(await ready(run.source === 'simulated'))) return;
  // Another tab's run may have the number; or it is its own row, of a training that failed.
  const other = findRun(run.id);
  const id = other && other.started.getTime() !== run.started.getTime() ? nextId() : run.id;
  takeId(id);
  await train(renumbered(run, id), { goOn: false, cutOff: true });
}

/** Waits for the images. @returns whether a run can begin: it was not stopped meanwhile */
async function ready(simulated: boolean): Promise<boolean> {
  if (running.value || testing.value) return false;
  live.value = undefined; // of the run before
  runState.value = 'preparing';
  if (simulated) await attempt(simulate);
  await dataSettled();
  await slot;
  if (!stopWanted()) return true;
  ended();
  return false;
}

function ended(): void {
  batch(() => {
    runState.value = 'idle';
    paused.value = false;
    runRate.value = undefined;
    progress.value = { ...progress.value, compile: undefined }; // what failed sends no end of its progress
  });
}

async function train(run: RunRecord, from: Pick<RunRequest, 'goOn' | 'cutOff'>): Promise<void> {
  const { id } = run;
  batch(() => {
    runs.value = [...runs.value.filter((other) => other.id !== id), run];
    runRate.value = training.value.learningRate;
    curveVersion.value++;
  });
  dismissOfRun();
  const { layers, training: settings, data: used } = run.settings;
  const number = await slot;
  const store = number === undefined ? {} : { store: storeName(number) };
  const over = lab.train({ run: id, layers, training: settings, roles: used.roles, ...from, ...store });
  if (paused.value) lab.pause(); // wanted before there was a run to pause
  const { outcome, model, problem } = await over.catch(failed);
  if (outcome === 'failed') {
    const why = forPeople(problem ?? 'the worker did not answer');
    changeRun(id, { status: outcome, problem: why });
    dismissOfRun();
    notify('problem', `Training failed: ${why}`, { ofRun: true, mend: mendOf(why) });
  } else changeRun(id, { status: outcome, ...(model ? { model } : {}) });
  ended();
  // A run that failed before it had a model has left the one before in its place; one that could not continue is offered again.
  if (findRun(id)?.parameters !== undefined) await refreshModel(id, run.name);
  else if (from.cutOff) removeRun(id);
  if (outcome === 'done' && rowsByRole.value.test.length > 0) await test();
}

const failed = ({ message }: Error): RunOutcome => ({ outcome: 'failed', problem: message });

/** The engine's message about a lost device is for programmers: visitors cannot request another device. */
const forPeople = (problem: string) =>
  /GPU device was lost/.test(problem)
    ? 'the GPU was lost, and the run did not get over it. Where “Go on” is offered, it goes on from its last snapshot; else start it again, or reload the page.'
    : problem;

/** Steps that were too large: a tenth of the rate. */
function mendOf(problem: string): { label: string; act: () => void } | undefined {
  if (!/smaller learning rate/.test(problem)) return undefined;
  const rate = Number((training.value.learningRate / 10).toPrecision(2));
  const act = () => {
    setLearningRate(rate);
    start();
  };
  return { label: `Start anew with a rate of ${rate}`, act };
}

/** What a model that is trained on keeps, and what it takes from the page: the rate, as it is, without a schedule. */
function furtherSettings(settings: Settings, { run, layers, optimizer }: CurrentModel & { run?: number }): Settings {
  const preset = findRun(run)?.settings.preset ?? 'custom';
  return { ...settings, preset, layers, training: { ...settings.training, optimizer, schedule: 'constant' } };
}

/** A function, because the compiler thinks that `runState` is still as it was set. */
const stopWanted = () => runState.value === 'stopping';

export function pause(): void {
  if (!running.value || runState.value === 'stopping') return;
  paused.value = true;
  lab.pause();
}

export function resume(): void {
  if (!running.value || runState.value === 'stopping') return;
  paused.value = false;
  lab.resume();
}

/** One step, then a pause: of the run that is paused, or of a new one. */
export async function step(): Promise<void> {
  if (testing.value) return;
  if (!running.value) {
    start();
    pause();
    await new Promise<void>((begun) => {
      const unwatch = runState.subscribe((state) => {
        if (state === 'paused' || state === 'idle') queueMicrotask(() => begun(unwatch()));
      });
    });
  }
  if (runState.value === 'paused') lab.step();
}

export function stop(): void {
  if (!running.value) return;
  runState.value = 'stopping';
  paused.value = false;
  lab.stop();
}

/** Sets the learning rate: of the run under way at once, and of those to come. */
export function setLearningRate(rate: number): void {
  training.value = { ...training.value, learningRate: rate };
  if (runRate.value === undefined) return;
  runRate.value = rate;
  lab.setLearningRate(rate);
}

/** Tests the current model on the test segments. */
export async function test(): Promise<void> {
  const model = currentModel.value;
  if (!model || testing.value || running.value) return;
  testing.value = true;
  const result = await attempt(async () => {
    const { segments, source } = data.value!;
    const test = await lab.test(Int32Array.from(rowsByRole.value.test));
    const worst = worstMistakes(test.labels, test.fake, MISTAKES);
    const pictures = await lab.pictures(worst.map((i) => test.rows[i]!));
    const mistakes = pictures.map((picture, k) => ({ picture, fake: test.fake[worst[k]!]! }));
    return { ...test, source, segments: test.rows.map((row) => segments[row]!), mistakes };
  });
  testing.value = false;
  if (result && model.run !== undefined) changeRun(model.run, { test: result });
}
