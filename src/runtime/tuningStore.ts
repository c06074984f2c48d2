/** Where measured choices of kernels outlast a page: IndexedDB. For Node see fileStore.ts. */

import { check } from '../options.ts';

/**
 * Keeps choices for each adapter. Where it fails, throws or never answers, choices are kept in memory alone.
 */
export interface TuningStore {
  /** @param adapter text that tells one adapter from another. @returns the kernel chosen for each key; empty where none is known */
  load(adapter: string): Promise<Readonly<Record<string, string>>>;
  /** Adds choices to those that are kept. */
  save(adapter: string, choices: Readonly<Record<string, string>>): Promise<void>;
}

/** Choices that are kept for an adapter; beyond it the oldest go. About 100 KB. */
const KEPT = 1000;

/** Choices added to those known. @param known what is in the store, which may be anything */
export function merged(known: unknown, choices: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...asChoices(known), ...choices }).slice(-KEPT));
}

/** The strings of an object by name; empty for anything else. */
export function asChoices(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, kernel]) => typeof kernel === 'string'));
}

/** A store in the origin's IndexedDB. */
export function databaseStore(name = 'neurite'): TuningStore {
  check('databaseStore', 'name', name, 'text');
  const table = 'tuning';
  const open = async (): Promise<IDBDatabase> => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table);
    return finished(request);
  };
  const within = async <T>(mode: IDBTransactionMode, work: (rows: IDBObjectStore) => Promise<T>): Promise<T> => {
    const database = await open();
    try {
      return await work(database.transaction(table, mode).objectStore(table));
    } finally {
      database.close();
    }
  };
  return {
    load: (adapter) => within('readonly', async (rows) => asChoices(await finished(rows.get(adapter)))),
    save: (adapter, choices) =>
      within('readwrite', async (rows) => {
        // One transaction, so that what another tab measures meanwhile is not lost.
        await finished(rows.put(merged(await finished(rows.get(adapter)), choices), adapter));
      }),
  };
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
