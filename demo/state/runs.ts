/** Training runs: the one under way, and those kept for comparison. */
import { batch, computed, signal } from '@preact/signals';
import type { Settings } from '../link.ts';
import type {
  CurrentModel,
  DataSummary,
  Picture,
  RunOutcome,
  RunRequest,
  RunState,
  StepPoint,
  TestResult,
} from '../protocol.ts';
import { worstMistakes } from '../score.ts';
import { data, dataSettled, rowsByRole, simulate } from './data.ts';
import { renumbered } from './keptRuns.ts';
import { attempt, dismissOfRun, lab, notify, progress } from './lab.ts';
import { info, layers } from './model.ts';
import { applySettings, currentSettings } from './settings.ts';
import { slot, storeName } from './slot.ts';
import { training } from './training.ts';

export interface EpochPoint {
  /** In epochs. */
  x: number;
  loss: number;
  accuracy: number;
  valLoss?: number;
  valAccuracy?: number;
}

/** A test's result with what is shown of it, whatever becomes of the images. */
export interface RunTest extends TestResult {
  segments: Int32Array;
  /** The most confident mistakes, with the probability of fake. */
  mistakes: { picture: Picture; fake: number }[];
}

export interface Run {
  readonly id: number;
  readonly name: string;
  readonly started: Date;
  readonly settings: Settings;
  readonly source: DataSummary['source'];
  readonly status: 'running' | 'done' | 'stopped' | 'failed';
  readonly parameters?: number;
  readonly peakBytes?: number;
  readonly stepsPerEpoch?: number;
  readonly examples?: number;
  readonly imagesPerSecond?: number;
  /** Each step's own numbers; grows while the run is under way, see `curveVersion`. */
  readonly points: StepPoint[];
  readonly epochs: EpochPoint[];
  readonly test?: RunTest;
  /** The trained model's file. */
  readonly model?: Uint8Array<ArrayBuffer>;
  /** Its curves are drawn. */
  readonly shown: boolean;
  readonly problem?: string;
}

export interface Live {
  epoch: number;
  step: number;
  stepsPerEpoch: number;
  epochs: number;
  loss: number;
  accuracy: number;
  imagesPerSecond: number;
  secondsLeft: number;
  learningRate: number;
}

/** What the worker is doing: `idle`, or the state of the run under way. */
export const runState = signal<'idle' | RunState | 'stopping'>('idle');
export const runs = signal<readonly Run[]>([]);
/** Grows whenever points were added to any curve. */
export const curveVersion = signal(0);
/** Numbers of the last step of the run under way, or of the last one. */
export const live = signal<Live | undefined>(undefined);
/** The model that the worker holds, and the run that it stems from. */
export const currentModel = signal<(CurrentModel & { run?: number; name: string }) | undefined>(undefined);
export const testing = signal(false);
/** The user wants the run under way to pause; it does so before its next step. */
export const paused = signal(false);
/** Learning rate of the run under way, once it has one; settings may hold that of the next run. */
export const runRate = signal<number | undefined>(undefined);

/** Pictures of mistakes that are shown. */
const MISTAKES = 8;

export const running = computed(() => runState.value !== 'idle');

/** Whether a run is under way; then a note says so. @param wish what has to wait, behind “before you” */
export function hasToWait(wish: string): boolean {
  if (running.value) notify('note', `A run is under way: stop it, or wait for its end, before you ${wish}.`);
  return running.value;
}

/** Why no network can be trained on these images; undefined where one can. */
export const dataObstacle = computed((): string | undefined => {
  if (data.value && rowsByRole.value.train.length === 0) return 'No segment is chosen to train on: see Data.';
  return undefined;
});

/** Why training cannot start now; undefined where it can. */
export const obstacle = computed((): string | undefined => {
  const { problem } = info.value ?? {};
  if (!problem) return dataObstacle.value;
  return layers.value.length === 0
    ? 'The network has no layers: see Model.'
    : `Layer ${problem.layer + 1} does not fit: see Model.`;
});

export function changeRun(id: number, change: Partial<Run>): void {
  runs.value = runs.value.map((run) => (run.id === id ? { ...run, ...change } : run));
}

let lastId = 0;

/** Numbers are never given twice: a model remembers the run that it stems from. */
export function nextId(): number {
  lastId = Math.max(lastId, ...runs.value.map((run) => run.id)) + 1;
  return lastId;
}

export const findRun = (id: number | undefined) => runs.value.find((run) => run.id === id);

/** Trains a new network, or goes on with the current one; resolves when the run is over and tested. */
export async function start({ goOn = false } = {}): Promise<void> {
  if (!(await ready(data.value === undefined))) return;
  const settings = currentSettings();
  const model = goOn ? currentModel.value : undefined;
  const id = nextId();
  const name = model
    ? `${model.name.replace(/(, further)? #\d+$/, '')}, further`
    : settings.preset === 'custom'
      ? 'own network'
      : settings.preset;
  const run: Run = {
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

/** Goes on with a run that was cut off, as it was remembered; its own files have been opened. @param learningRate as it was set last */
export async function goOnWith(remembered: Run, learningRate: number): Promise<void> {
  if (running.value || testing.value) return;
  const { parameters: _, ...run } = remembered;
  const { settings } = run;
  applySettings({ ...settings, training: { ...settings.training, learningRate } });
  if (!(await ready(run.source === 'simulated'))) return;
  // Another tab's run may have the number; or it is its own row, of a training that failed.
  const other = findRun(run.id);
  const id = other && other.started.getTime() !== run.started.getTime() ? nextId() : run.id;
  lastId = Math.max(lastId, id);
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
    progress.value = { ...progress.value, compile: undefined }; // what failed does not tell its end
  });
}

async function train(run: Run, from: Pick<RunRequest, 'goOn' | 'cutOff'>): Promise<void> {
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
    notify('problem', `Training failed: ${why}`, { ofRun: true });
  } else changeRun(id, { status: outcome, ...(model ? { model } : {}) });
  ended();
  // A run that failed before it had a model has left the one before in its place; one that could not go on is offered again.
  if (findRun(id)?.parameters !== undefined) await refreshModel(id, run.name);
  else if (from.cutOff) removeRun(id);
  if (outcome === 'done' && rowsByRole.value.test.length > 0) await test();
}

const failed = ({ message }: Error): RunOutcome => ({ outcome: 'failed', problem: message });

/** The engine tells programmers of a lost device; there is nothing that they could request here. */
const forPeople = (problem: string) =>
  /GPU device was lost/.test(problem)
    ? 'the GPU was lost, and the run did not get over it. Where “Go on” is offered, it goes on from its last snapshot; else press Start, or reload the page.'
    : problem;

/** What a model that is trained on keeps, and what it takes from the page: the rate, as it is, without a schedule. */
function furtherSettings(settings: Settings, { layers, optimizer }: CurrentModel): Settings {
  return { ...settings, preset: 'custom', layers, training: { ...settings.training, optimizer, schedule: 'constant' } };
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

export function step(): void {
  lab.step();
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
    const { segments } = data.value!;
    const test = await lab.test(Int32Array.from(rowsByRole.value.test));
    const worst = worstMistakes(test.labels, test.fake, MISTAKES);
    const pictures = await lab.pictures(worst.map((i) => test.rows[i]!));
    const mistakes = pictures.map((picture, k) => ({ picture, fake: test.fake[worst[k]!]! }));
    return { ...test, segments: test.rows.map((row) => segments[row]!), mistakes };
  });
  testing.value = false;
  if (result && model.run !== undefined) changeRun(model.run, { test: result });
}

export function removeRun(id: number): void {
  if (currentModel.value?.run === id) currentModel.value = undefined; // without its row there is nowhere to show it
  runs.value = runs.value.filter((run) => run.id !== id);
  curveVersion.value++;
}

export async function refreshModel(run: number, name: string): Promise<void> {
  const model = await lab.current();
  currentModel.value = model && { ...model, run, name };
}
