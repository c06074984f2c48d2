/** Runs that the user keeps: in this browser's database, with their models. */
import { effect, signal } from '@preact/signals';
import { del, entries, set } from 'idb-keyval';
import { notify } from '../../frame/notify.ts';
import { newKey, numbered, type RunRecord } from './record.ts';
import { curveVersion, findRun, runs } from './runs.ts';

/** Ids of the runs that are kept. */
export const kept = signal<ReadonlySet<number>>(new Set());
/** Keys in the database of runs that are kept, or about to be. */
const keys = new Map<number, string>();

/** Reads the kept runs; they take their places before those of this visit. */
export async function loadKeptRuns(): Promise<void> {
  try {
    const all = await entries();
    const found = numbered(all, new Set(runs.value.map(({ id }) => id)));
    for (const [key, { id }] of found) keys.set(id, key);
    runs.value = [...found.map(([, run]) => run), ...runs.value];
    kept.value = new Set([...kept.value, ...found.map(([, { id }]) => id)]);
    curveVersion.value++;
  } catch {
    // A browser that allows no storage (a private window, for one) has kept nothing either.
  }
}

export async function keepRun(id: number): Promise<void> {
  const run = findRun(id);
  if (!run) return;
  const key = keys.get(id) ?? newKey();
  keys.set(id, key);
  try {
    await set(key, run);
    kept.value = new Set([...kept.value, id]);
  } catch (error) {
    notify('problem', `The run was not kept: this browser refuses to store it (${(error as Error).message}).`);
  }
}

/** What becomes of a kept run later (a test, for one) is kept as well. */
export function watchKeptRuns(): void {
  const stored = new Map<number, RunRecord>();
  effect(() => {
    for (const run of runs.value) {
      if (!kept.value.has(run.id) || run.status === 'running' || stored.get(run.id) === run) continue;
      if (stored.has(run.id)) keepRun(run.id);
      stored.set(run.id, run);
    }
  });
}

export async function forgetRun(id: number): Promise<void> {
  await del(keys.get(id) ?? '').catch(() => {}); // what was never stored is gone already
  kept.value = new Set([...kept.value].filter((other) => other !== id));
}
