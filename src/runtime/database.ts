/** The origin's IndexedDB, with promises: a database of tables whose rows have texts as keys. */

/** A database that is opened for each piece of work, so that no tab keeps another from deleting or upgrading it. */
export class Database<Table extends string> {
  readonly #name: string;
  readonly #tables: readonly Table[];

  constructor(name: string, tables: readonly Table[]) {
    this.#name = name;
    this.#tables = tables;
  }

  /** Does work in one transaction. @returns its result, once the transaction's changes are stored */
  async within<T>(
    mode: IDBTransactionMode,
    work: (tables: Readonly<Record<Table, IDBObjectStore>>) => Promise<T>,
  ): Promise<T> {
    const request = indexedDB.open(this.#name, 1);
    request.onupgradeneeded = () => {
      for (const table of this.#tables) request.result.createObjectStore(table);
    };
    const database = await finished(request);
    try {
      const transaction = database.transaction(this.#tables, mode);
      const stored = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      stored.catch(() => {}); // the error of the work is the one to throw
      const tables = this.#tables.map((table) => [table, transaction.objectStore(table)]);
      const result = await work(Object.fromEntries(tables));
      await stored;
      return result;
    } finally {
      database.close();
    }
  }
}

/** What a request gives. */
export function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
