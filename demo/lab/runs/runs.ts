/** Training runs, the one under way and those kept for comparison: the page's state of them, and its rules. */
import { computed, signal } from '@preact/signals';
import { notify } from '../../frame/notify.ts';
import { lab } from '../client.ts';
import type { CurrentModel, RunState } from '../protocol/index.ts';
import { data, roles, rowsByRole } from '../state/data.ts';
import { info, layers } from '../state/network.ts';
import type { RunRecord } from './record.ts';
import { segmentsFor, type TestKind, testKind, trainedOn } from './testPictures.ts';

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
export const runs = signal<readonly RunRecord[]>([]);
/** Grows whenever points were added to any curve. */
export const curveVersion = signal(0);
/** Numbers of the last step of the run under way, or of the last one. */
export const live = signal<Live | undefined>(undefined);
/** The model that the worker holds, and the run that it stems from. */
export const currentModel = signal<(CurrentModel & { run?: number; name: string }) | undefined>(undefined);
/** The worker holds a network with first weights: nothing was trained or loaded. */
export const fresh = signal(false);
export const initializing = signal(false);
export const testing = signal(false);
/** The user wants the run under way to pause; it does so before its next step. */
export const paused = signal(false);
/** Learning rate of the run under way, once it has one; settings may hold that of the next run. */
export const runRate = signal<number | undefined>(undefined);

/** There is a network to look into. */
export const hasNetwork = computed(() => fresh.value || currentModel.value !== undefined);

export const running = computed(() => runState.value !== 'idle');

/** Whether a run is under way; then a note says so. @param wish what has to wait, behind “before you” */
export function hasToWait(wish: string): boolean {
  if (running.value) notify('note', `A run is under way: stop it, or wait for its end, before you ${wish}.`);
  return running.value;
}

/** Why no network can be trained on these images; undefined where one can. */
export const dataObstacle = computed((): string | undefined => {
  if (data.value && rowsByRole.value.train.length === 0) return 'No segment is chosen to train on.';
  return undefined;
});

/** Why training cannot start now; undefined where it can. */
export const obstacle = computed((): string | undefined => {
  const { problem } = info.value ?? {};
  if (!problem) return dataObstacle.value;
  return layers.value.length === 0 ? 'The network has no layers.' : `Layer ${problem.layer + 1} does not fit.`;
});

/** What a test would be now: of the network that there is, or of one that trains on these pictures. */
export const testKindNow = computed((): TestKind => {
  const source = data.value?.source ?? 'simulated';
  const run = findRun(currentModel.value?.run);
  const trained = run ? trainedOn(run) : { source, segments: segmentsFor('train', roles.value) };
  return testKind(trained, { source, segments: segmentsFor('test', roles.value) });
});

export function changeRun(id: number, change: Partial<RunRecord>): void {
  runs.value = runs.value.map((run) => (run.id === id ? { ...run, ...change } : run));
}

let lastId = 0;

/** Numbers are never given twice: a model remembers the run that it stems from. */
export function nextId(): number {
  lastId = Math.max(lastId, ...runs.value.map((run) => run.id)) + 1;
  return lastId;
}

/** A run has this number, so that no later one gets it. */
export function takeId(id: number): void {
  lastId = Math.max(lastId, id);
}

export const findRun = (id: number | undefined) => runs.value.find((run) => run.id === id);

export function removeRun(id: number): void {
  if (currentModel.value?.run === id) currentModel.value = undefined; // without its row there is nowhere to show it
  runs.value = runs.value.filter((run) => run.id !== id);
  curveVersion.value++;
}

export async function refreshModel(run: number, name: string): Promise<void> {
  const model = await lab.current();
  currentModel.value = model && { ...model, run, name };
}
