/** The page's end of the worker, and what the page knows of both generators. */
import { batch, computed, signal } from '@preact/signals';
import * as Comlink from 'comlink';
import { machine } from '../../lesson/machine.ts';
import type { Stamped } from '../painting/gpu.ts';
import type { Example } from '../painting/painting.ts';
import { PIXELS } from '../pictures.ts';
import { SHOWN } from './noises.ts';
import type { Fakes, FakesEvent, LabFile, Measured, Step, StoredPictures, Which } from './protocol.ts';
import { storedGenerator, storedPictures } from './stored.ts';

export type State = 'starting' | 'learning' | 'paused' | 'over' | 'failed';

/** What computes; `missing`: nothing trains. The worker says it, so that the page needs no device and no engine of its own. */
export { machine };
export const state = signal<State>('starting');
/** Why it failed. */
export const failure = signal('');
export const stored = signal<StoredPictures | undefined>(undefined);
/** Distances to the recordings that are held out: of the stored generator's fakes, and of other recordings. */
export const storedDistance = signal<{ readonly fakes: number; readonly recordings?: number } | undefined>(undefined);
export const steps = signal<readonly Step[]>([]);
export const measured = signal<readonly Measured[]>([]);
/** What the page's own generator paints from the noise that never changes. */
export const ownFakes = signal<{ readonly step: number; readonly fakes: Float32Array } | undefined>(undefined);
/** What the visitor wants to see; undefined: the better ones. */
export const wanted = signal<Which | undefined>(undefined);

/** Whose fakes are shown large: the stored ones until the page's own come as near to recordings. */
export const shown = computed((): Which => {
  if (!ownFakes.value) return 'stored';
  if (wanted.value) return wanted.value;
  const far = storedDistance.value?.fakes ?? 0;
  return measured.value.some(({ distance }) => distance <= far) ? 'own' : 'stored';
});

/** Fakes of the page's own generator for a round of guessing. */
const OTHERS = 16;

let worker: Comlink.Remote<Fakes> | undefined;

/** Shows the stored fakes, and starts the training where there is a GPU. */
export async function start(): Promise<void> {
  stored.value ??= await storedPictures();
  if (machine.value.state === 'missing' || worker) return;
  const thread = new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: 'fakes' });
  thread.addEventListener('error', ({ message }) => fail(message || 'its code could not be loaded'));
  worker = Comlink.wrap<Fakes>(thread);
  worker.connect(Comlink.proxy(receive), stored.value).catch(({ message }: Error) => fail(message));
  connected();
}

function fail(message: string): void {
  failure.value = message;
  state.value = 'failed';
}

function receive(event: FakesEvent): void {
  batch(() => take(event));
}

/** What is known of the steps before one, which may be done again. */
function before<T extends { readonly step: number }>(step: number, all: readonly T[]): readonly T[] {
  return (all.at(-1)?.step ?? 0) < step ? all : all.filter((one) => one.step < step);
}

function take(event: FakesEvent): void {
  switch (event.type) {
    case 'machine':
      machine.value = event.machine;
      break;
    case 'begin':
      steps.value = [];
      measured.value = [];
      ownFakes.value = undefined;
      if (state.value !== 'paused') state.value = 'learning';
      break;
    case 'step':
      steps.value = [...before(event.step.step, steps.value), event.step];
      measured.value = before(event.step.step, measured.value);
      break;
    case 'look':
      ownFakes.value = event;
      break;
    case 'measured':
      measured.value = [...measured.value, event.measured];
      break;
    case 'stored':
      storedDistance.value = event;
      break;
    case 'over':
      state.value = 'over';
      break;
    case 'failed':
      fail(event.message);
  }
}

export function pauseOrResume(): void {
  if (state.value === 'paused') {
    state.value = 'learning';
    worker?.resume();
  } else {
    state.value = 'paused';
    worker?.pause();
  }
}

export function startOver(): void {
  if (state.value === 'paused') worker?.resume();
  state.value = 'starting';
  worker?.startOver();
}

/** Fakes that are not among the 16: of the stored generator those that are stored, `[n, 32, 32]`. */
export async function otherFakes(which: Which): Promise<Float32Array> {
  if (which === 'own') return worker!.paint(OTHERS);
  return stored.value!.fakes.subarray(SHOWN * PIXELS);
}

/** The discriminator's logits, and after how many steps; undefined where none has been trained. */
export async function judge(pictures: Float32Array): Promise<{ logits: Float32Array; step: number } | undefined> {
  const step = steps.value.at(-1)?.step;
  if (!worker || step === undefined) return undefined;
  return { logits: await worker.judge(pictures), step };
}

let connected: () => void;
const connection = new Promise<void>((resolve) => {
  connected = resolve;
});

/** What a small map paints, by the GPU; undefined where there is none. */
export async function stamp(example: Example): Promise<Stamped | undefined> {
  if (machine.value.state === 'missing') return undefined;
  await connection;
  return worker!.stamp(example).catch((error: Error) => {
    if (error.name === 'DeviceError') return undefined; // `machine` says why
    throw error;
  });
}

/** Recordings and fakes for the lab. */
export async function labFiles(which: Which): Promise<LabFile[]> {
  return worker!.labFiles(which === 'stored' ? await storedGenerator() : undefined);
}
