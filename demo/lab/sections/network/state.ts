/** Keeps what is seen of the network up to date: while it trains, as often as the GPU can spare it. */
import { batch, computed, effect, signal } from '@preact/signals';
import { strongest } from '../../../draw/positions.ts';
import { lab, onEvent } from '../../client.ts';
import type { Inspection, KernelSet } from '../../protocol/index.ts';
import { currentModel, hasNetwork, runState } from '../../runs/runs.ts';
import { data } from '../../state/data.ts';

/** Between two looks: at least so long, and as long as the last one took. */
const PAUSE_MS = 400;

export const kernels = signal<readonly KernelSet[]>([]);
/** The kernels as they were when a run began. */
export const firstKernels = signal<{ run?: number; sets: readonly KernelSet[] }>({ sets: [] });
export const inspection = signal<Inspection | undefined>(undefined);
/** The image that is looked at: its row in the data. */
export const chosenRow = signal<number | undefined>(undefined);
/** Parts of the page that show it, and whether they are on the screen. */
export const watching = signal<Partial<Record<'bench' | 'network', boolean>>>({});
const watched = computed(() => Object.values(watching.value).some(Boolean));

let busy = false;
/** Something has changed since the last look. */
let stale = true;
/** Calls one after the other, never two at once. */
let last: Promise<unknown> = Promise.resolve();

function ask<T>(call: () => Promise<T>): Promise<T> {
  const answer = last.then(call);
  last = answer.catch(() => {}); // the caller gets the failure
  return answer;
}

/** Looks again where something has changed, the section is on the screen, and the last look is over. */
async function look(): Promise<void> {
  if (busy || !stale || !watched.value || !hasNetwork.value) return;
  busy = true;
  stale = false;
  const began = performance.now();
  try {
    const row = chosenRow.value;
    if (row !== undefined && data.value && row < data.value.labels.length) {
      const seen = await ask(() => lab.inspect(row));
      batch(() => {
        inspection.value = seen;
        kernels.value = seen.kernels;
      });
    } else kernels.value = await ask(() => lab.kernels());
  } catch {
    // A model that is being replaced or recovered: what was seen last stays, and the next look comes with its next step.
  }
  const pause = runState.value === 'idle' ? 0 : Math.max(PAUSE_MS, performance.now() - began);
  setTimeout(() => {
    busy = false;
    look();
  }, pause);
}

function changed(): void {
  stale = true;
  look();
}

onEvent((event) => {
  if (event.type === 'steps' || event.type === 'recovered') changed();
  if (event.type === 'begin') rememberKernels(event.run);
});

/** Before the first step of a run: while its shaders are compiled. */
async function rememberKernels(run: number): Promise<void> {
  const sets = await ask(() => lab.kernels()).catch(() => []);
  firstKernels.value = { run, sets };
  changed();
}

effect(() => {
  // Any of these asks for another look.
  void [watched.value, hasNetwork.value, currentModel.value, runState.value, chosenRow.value, data.value];
  changed();
});

/** The channel that the user chose to follow through the network. */
export const chosenChannel = signal<number | undefined>(undefined);

/** The channel of a layer that is followed: until one is chosen, its strongest. */
export function channelIn(layer: { shape: readonly number[]; data: Float32Array }): number {
  const channels = layer.shape.at(-1)!;
  const chosen = chosenChannel.value;
  return chosen === undefined ? strongest(layer.data, channels) : Math.min(chosen, channels - 1);
}
