/** The page's end of the worker, and what the page knows of the network. */
import { batch, signal } from '@preact/signals';
import * as Comlink from 'comlink';
import { machine } from '../lesson/machine.ts';
import type { Progress } from './curve.tsx';
import type { Landing, LandingEvent, Look } from './protocol.ts';
import type { Card } from './round.ts';
import { smoothed } from './training.ts';

/** Where its state is `missing`, the network is one that was trained before, and computes by hand. */
export { machine };
export const progress = signal<Progress>({ step: 0, training: [], newAnimals: [] });
export const look = signal<Look | undefined>(undefined);
export type State = 'starting' | 'learning' | 'paused' | 'over' | 'failed';
export const state = signal<State>('starting');
/** Why it failed. */
export const failure = signal('');

/** For a visitor who wants less motion, maps change no more often than this, in milliseconds. */
const CALM_MS = 1000;
const calm = matchMedia('(prefers-reduced-motion: reduce)');
let looked = Number.NEGATIVE_INFINITY;

const thread = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'landing' });
const worker = Comlink.wrap<Landing>(thread);
let stored: Promise<typeof import('./stored.ts')> | undefined;

/** Starts the training, or without WebGPU shows the network that was trained before. */
export function start(): void {
  thread.addEventListener('error', ({ message }) => fail(message || 'its code could not be loaded'));
  if (machine.value.state === 'missing') useStored();
  else worker.connect(Comlink.proxy(receive)).catch(({ message }: Error) => fail(message));
}

/** Pictures for a round. @param index from 0 */
export const cardsOf = (index: number): Promise<Card[]> => worker.cards(index);

function fail(message: string): void {
  failure.value = message;
  state.value = 'failed';
}

function useStored(): void {
  stored ??= import('./stored.ts');
  stored
    .then(async ({ storedProgress, lookByHand }) => {
      progress.value = storedProgress();
      state.value = 'over';
      const first = await worker.trainedPicture();
      look.value ??= lookByHand(first);
    })
    .catch(reportError);
}

function receive(event: LandingEvent): void {
  batch(() => take(event));
}

function take(event: LandingEvent): void {
  const { training, newAnimals } = progress.value;
  switch (event.type) {
    case 'machine':
      machine.value = event.machine;
      if (event.machine.state === 'missing' && state.value === 'starting') useStored();
      break;
    case 'begin':
      progress.value = { step: 0, training: [], newAnimals: [] };
      if (state.value !== 'paused') state.value = 'learning';
      break;
    case 'step':
      progress.value = { ...progress.value, step: event.step, training: [...training, smoothed(training, event)] };
      break;
    case 'test': {
      const point = { step: event.step, value: event.right / event.count };
      progress.value = { ...progress.value, newAnimals: [...newAnimals, point], tested: event };
      break;
    }
    case 'look':
      if (performance.now() - looked < (calm.matches ? CALM_MS : 0)) break;
      looked = performance.now();
      look.value = event.look;
      break;
    case 'over':
      state.value = 'over';
      break;
    case 'failed':
      fail(event.message);
  }
}

/** The network's probabilities of fake: of the one that learns, or of the stored one. */
export async function judge(pictures: readonly Float32Array[]): Promise<number[]> {
  if (machine.value.state !== 'missing') return worker.judge(pictures);
  const { judgeByHand } = await (stored ?? import('./stored.ts'));
  return pictures.map(judgeByHand);
}

/** The picture to show the maps of. */
export async function lookAt(pixels: Float32Array): Promise<void> {
  if (machine.value.state !== 'missing') return worker.lookAt(pixels);
  const { lookByHand } = await (stored ?? import('./stored.ts'));
  look.value = lookByHand(pixels);
}

export function pauseOrResume(): void {
  if (state.value === 'paused') {
    state.value = 'learning';
    worker.resume();
  } else {
    state.value = 'paused';
    worker.pause();
  }
}

export function startOver(): void {
  if (state.value === 'paused') worker.resume();
  state.value = 'starting';
  worker.startOver();
}
