/** Kept runs, as the browser's database holds them. Each tab numbers its own runs, so that a number names none. */
import type { Run } from './runs.ts';

const PREFIX = 'run:';

/** A key that no other tab's run has. */
export const newKey = () => PREFIX + crypto.randomUUID();

/**
 * Runs by their keys, oldest first, with numbers that are given once.
 * @param entries all that the database holds: also of former versions, whose keys were numbers, and of other parts
 * @param taken numbers of runs that the page has already
 */
export function numbered(
  entries: readonly (readonly [IDBValidKey, unknown])[],
  taken: ReadonlySet<number>,
): [string, Run][] {
  const found = entries
    .filter((entry): entry is [string, Run] => String(entry[0]).startsWith(PREFIX) && isRun(entry[1]))
    .sort(([, a], [, b]) => a.started.getTime() - b.started.getTime());
  const used = new Set(taken);
  let last = Math.max(0, ...used, ...found.map(([, { id }]) => id));
  return found.map(([key, run]) => {
    const id = used.has(run.id) ? ++last : run.id;
    used.add(id);
    return [key, renumbered(run, id)];
  });
}

/** A run by another number; a file's name may end in a number that is none of a run, and stays. */
export function renumbered(run: Run, id: number): Run {
  const own = `#${run.id}`;
  return { ...run, id, name: run.name.endsWith(own) ? `${run.name.slice(0, -own.length)}#${id}` : run.name };
}

/** Written by this version of the page, as far as one can see. */
export function isRun(value: unknown): value is Run {
  const run = value as Partial<Run> | undefined;
  return (
    typeof run?.id === 'number' &&
    typeof run.name === 'string' &&
    run.started instanceof Date &&
    Array.isArray(run.points) &&
    Array.isArray(run.epochs) &&
    typeof run.settings?.training?.batchSize === 'number' &&
    Array.isArray(run.settings.data?.roles)
  );
}
