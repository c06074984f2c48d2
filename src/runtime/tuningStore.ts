/**
 * Stores the measured choices of kernels, so that a later page or process need not measure again: the interface of such
 * a store, and the one of the browser, in IndexedDB. The one of Node is in fileStore.ts.
 */
import { check } from '../options.ts';
import { Database, finished } from './database.ts';

/**
 * Stores the chosen kernels for each adapter. If its methods reject, throw or never settle, choices are kept in memory only.
 */
export interface TuningStore {
  /** @param adapter a text that identifies the adapter. @returns the kernel chosen for each key; empty if there are none */
  load(adapter: string): Promise<Readonly<Record<string, string>>>;
  /** Adds choices to the stored ones. */
  save(adapter: string, choices: Readonly<Record<string, string>>): Promise<void>;
}

/** Largest number of choices stored for an adapter, about 100 KB. Beyond it, the oldest are dropped. */
const KEPT = 1000;

/** The stored choices with new ones added. @param known the content of the store, which may be anything */
export function merged(known: unknown, choices: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...asChoices(known), ...choices }).slice(-KEPT));
}

/** The string properties of an object; empty for anything else. */
export function asChoices(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, kernel]) => typeof kernel === 'string'));
}

/** A store in the origin's IndexedDB. */
export function databaseStore(name = 'neurite'): TuningStore {
  check('databaseStore', 'name', name, 'text');
  const database = new Database(name, ['tuning']);
  return {
    load: (adapter) =>
      database.within('readonly', async ({ tuning }) => asChoices(await finished(tuning.get(adapter)))),
    save: (adapter, choices) =>
      database.within('readwrite', async ({ tuning }) => {
        // Reading and writing in one transaction keeps the choices that another tab saves at the same time.
        await finished(tuning.put(merged(await finished(tuning.get(adapter)), choices), adapter));
      }),
  };
}
