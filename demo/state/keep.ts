/** Runs that the user keeps: in this browser's database, with their models. */
import { effect, signal } from '@preact/signals';
import { del, entries, set } from 'idb-keyval';
import { notify } from './lab.ts';
import { curveVersion, findRun, type Run, runs } from './runs.ts';

const PREFIX = 'run:';

/** Ids of the runs that are kept. */
export const kept = signal<ReadonlySet<number>>(new Set());

/** Reads the kept runs; they take their places before those of this visit. */
export async function loadKeptRuns(): Promise<void> {
  try {
    const found = (await entries<string, Run>())
      .filter(([key, run]) => String(key).startsWith(PREFIX) && isRun(run))
      .map(([, run]) => run)
      .sort((a, b) => a.id - b.id);
    const taken = new Set(runs.value.map(({ id }) => id));
    runs.value = [...found.filter(({ id }) => !taken.has(id)), ...runs.value];
    kept.value = new Set(found.map(({ id }) => id));
    curveVersion.value++;
  } catch {
    // A browser that allows no storage (a private window, for one) has kept nothing either.
  }
}

export async function keepRun(id: number): Promise<void> {
  const run = findRun(id);
  if (!run) return;
  try {
    await set(PREFIX + id, run);
    kept.value = new Set([...kept.value, id]);
  } catch (error) {
    notify('problem', `The run was not kept: this browser refuses to store it (${(error as Error).message}).`);
  }
}

/** What becomes of a kept run later (a test, for one) is kept as well. */
export function watchKeptRuns(): void {
  const stored = new Map<number, Run>();
  effect(() => {
    for (const run of runs.value) {
      if (!kept.value.has(run.id) || run.status === 'running' || stored.get(run.id) === run) continue;
      if (stored.has(run.id)) keepRun(run.id);
      stored.set(run.id, run);
    }
  });
}

export async function forgetRun(id: number): Promise<void> {
  await del(PREFIX + id).catch(() => {}); // what was never stored is gone already
  kept.value = new Set([...kept.value].filter((other) => other !== id));
}

/** Written by this version of the page, as far as one can see. */
export function isRun(value: unknown): value is Run {
  const run = value as Partial<Run> | undefined;
  return (
    typeof run?.id === 'number' &&
    typeof run.name === 'string' &&
    Array.isArray(run.points) &&
    Array.isArray(run.epochs) &&
    typeof run.settings?.training?.batchSize === 'number' &&
    Array.isArray(run.settings.data?.roles)
  );
}
