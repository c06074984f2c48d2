/** A run that a reload, a crash or a closed tab cut off: what the page remembers of it, and how it goes on. */
import { effect, signal } from '@preact/signals';
import { del, get, set } from 'idb-keyval';
import { isRun } from './keptRuns.ts';
import { lab, onEvent } from './lab.ts';
import { findRun, goOnWith, type Run, running, runRate } from './runs.ts';
import { recordKey, slot, storeName } from './slot.ts';
import { training } from './training.ts';

export interface CutOff {
  /** As it was at its last snapshot. */
  run: Run;
  /** That was set last: settings are those of the beginning. */
  learningRate: number;
}

/** The run that can go on, where there is one and nothing else trains. */
export const cutOff = signal<CutOff | undefined>();

/** Remembers the run under way, and offers what was cut off. */
export function watchCutOff(): void {
  onEvent(async (event) => {
    if (event.type !== 'storing') return;
    const [number, run] = [await slot, findRun(event.run)];
    if (number === undefined || !run) return;
    await set(recordKey(number), { run, learningRate: runRate.value ?? training.value.learningRate } satisfies CutOff);
  });
  effect(() => {
    if (running.value) cutOff.value = undefined;
    else look();
  });
}

/** A run that was stored and has not ended is offered; what is left of others is removed. */
async function look(): Promise<void> {
  const number = await slot;
  if (number === undefined) return;
  const found = await get<CutOff>(recordKey(number)).catch(() => undefined);
  const there = found !== undefined && isCutOff(found) && (await lab.isStored(storeName(number)));
  if (running.value) return;
  cutOff.value = there ? found : undefined;
  if (found && !there) await forgetCutOff();
}

export async function goOn(): Promise<void> {
  const { run, learningRate } = cutOff.value ?? {};
  if (run && learningRate !== undefined) await goOnWith(run, learningRate);
}

export async function forgetCutOff(): Promise<void> {
  cutOff.value = undefined;
  const number = await slot;
  if (number === undefined) return;
  await lab.forgetStored(storeName(number));
  await del(recordKey(number)).catch(() => {}); // without a snapshot it is never offered
}

function isCutOff(value: Partial<CutOff>): value is CutOff {
  return isRun(value.run) && typeof value.learningRate === 'number';
}
