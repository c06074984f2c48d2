/** A run that a reload, a crash or a closed tab cut off: what the page remembers of it, and how it continues. */
import { effect, signal } from '@preact/signals';
import { del, get, set } from 'idb-keyval';
import { lab, onEvent } from '../client.ts';
import { training } from '../state/training.ts';
import { goOnWith } from './actions.ts';
import { isRunRecord, type RunRecord } from './record.ts';
import { findRun, running, runRate } from './runs.ts';
import { recordKey, slot, storeName } from './tabSlot.ts';

export interface UnfinishedRun {
  /** As it was at its last snapshot. */
  run: RunRecord;
  /** That was set last: settings are those of the beginning. */
  learningRate: number;
}

/** The run that can be continued, where there is one and nothing else trains. */
export const unfinished = signal<UnfinishedRun | undefined>();

/** Remembers the run under way, and offers what was cut off. */
export function watchUnfinished(): void {
  onEvent(async (event) => {
    if (event.type !== 'storing') return;
    const [number, run] = [await slot, findRun(event.run)];
    if (number === undefined || !run) return;
    await set(recordKey(number), {
      run,
      learningRate: runRate.value ?? training.value.learningRate,
    } satisfies UnfinishedRun);
  });
  effect(() => {
    if (running.value) unfinished.value = undefined;
    else look();
  });
}

/** A run that was stored and has not ended is offered; what is left of others is removed. */
async function look(): Promise<void> {
  const number = await slot;
  if (number === undefined) return;
  const found = await get<UnfinishedRun>(recordKey(number)).catch(() => undefined);
  const there = found !== undefined && isUnfinished(found) && (await lab.isStored(storeName(number)));
  if (running.value) return;
  unfinished.value = there ? found : undefined;
  if (found && !there) await forgetUnfinished();
}

export async function goOn(): Promise<void> {
  const { run, learningRate } = unfinished.value ?? {};
  if (run && learningRate !== undefined) await goOnWith(run, learningRate);
}

export async function forgetUnfinished(): Promise<void> {
  unfinished.value = undefined;
  const number = await slot;
  if (number === undefined) return;
  await lab.forgetStored(storeName(number));
  await del(recordKey(number)).catch(() => {}); // without a snapshot it is never offered
}

function isUnfinished(value: Partial<UnfinishedRun>): value is UnfinishedRun {
  return isRunRecord(value.run) && typeof value.learningRate === 'number';
}
