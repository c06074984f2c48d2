/** Where measured choices of kernels outlast a page or a process: IndexedDB, or a file in the user's cache folder. */

/**
 * Keeps choices for each adapter. Whatever fails, throws or never answers costs no more than measuring again: choices are then kept in memory
 * alone.
 */
export interface TuningStore {
  /** @param adapter text that tells one adapter from another. @returns the kernel chosen for each key; empty where none is known */
  load(adapter: string): Promise<Readonly<Record<string, string>>>;
  /** Adds choices to those that are kept. */
  save(adapter: string, choices: Readonly<Record<string, string>>): Promise<void>;
}

/** Choices that are kept for an adapter; beyond it the oldest go. About 100 KB. */
const KEPT = 1000;

/** @param known what is in the store, which may be anything */
function merged(known: unknown, choices: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...asChoices(known), ...choices }).slice(-KEPT));
}

/** The strings of an object by name; empty for anything else. */
export function asChoices(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, kernel]) => typeof kernel === 'string'));
}

let shared: TuningStore | undefined;

/** The store of this environment, always the same one: IndexedDB in a page, a file under Node, nothing elsewhere. */
export function defaultStore(): TuningStore {
  shared ??= typeof indexedDB === 'undefined' ? fileStore() : databaseStore();
  return shared;
}

/** A store in the origin's IndexedDB. */
export function databaseStore(name = 'neurite'): TuningStore {
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

/**
 * A store in a JSON file. Node's modules are asked for at run time, so that the library imports nothing and web bundlers see nothing; where
 * they are missing (no Node, or one before 20.16) it keeps nothing.
 * @param path default: `neurite/tuning.json` in the user's cache folder
 */
export function fileStore(path?: string): TuningStore {
  const node = () => {
    const builtin = globalThis.process?.getBuiltinModule;
    if (!builtin) throw new Error('tuning: no file system.');
    return { fs: builtin('node:fs/promises'), paths: builtin('node:path'), os: builtin('node:os') };
  };
  const place = () =>
    path ??
    node().paths.join(cacheFolder(process.platform, process.env, node().os.homedir()), 'neurite', 'tuning.json');
  const read = async (): Promise<Record<string, unknown>> => {
    const parsed = JSON.parse(await node().fs.readFile(place(), 'utf8')) as unknown;
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  };
  return {
    load: async (adapter) => asChoices((await read())[adapter]),
    async save(adapter, choices) {
      const { fs, paths } = node();
      const known = await read().catch((): Record<string, unknown> => ({})); // no file yet, or a broken one
      const text = JSON.stringify({ ...known, [adapter]: merged(known[adapter], choices) }, null, 1);
      await fs.mkdir(paths.dirname(place()), { recursive: true });
      // Written apart and renamed: whoever reads meanwhile sees the old file or the new one, never half of it.
      const half = `${place()}.${process.pid}`;
      await fs.writeFile(half, text);
      await fs.rename(half, place());
    },
  };
}

/** Where an operating system keeps what programs can make again. */
export function cacheFolder(platform: string, env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === 'win32') return env.LOCALAPPDATA ?? `${home}\\AppData\\Local`;
  return platform === 'darwin' ? `${home}/Library/Caches` : `${home}/.cache`;
}
