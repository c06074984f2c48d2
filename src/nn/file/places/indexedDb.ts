/** `indexeddb://name`: the browser's database. */
import { Database, finished } from '../../../runtime/database.ts';
import type { Place } from './place.ts';

/** What is known of a file is a row of its own, so that a list reads no weights. */
const database = new Database('neurite-models', ['file', 'about']);

interface About {
  readonly bytes: number;
  readonly saved: Date;
}

export const indexedDb: Place = {
  missing: () =>
    typeof indexedDB === 'undefined' ? 'there is no IndexedDB here; in Node, use file://model.safetensors' : undefined,
  write: (name, bytes) =>
    database.within('readwrite', async ({ file, about }) => {
      file.put(bytes, name);
      await finished(about.put({ bytes: bytes.byteLength, saved: new Date() } satisfies About, name));
    }),
  read: (name) => database.within('readonly', ({ file }) => finished(file.get(name))),
  remove: (name) =>
    database.within('readwrite', async ({ file, about }) => {
      const known = await finished(about.count(name));
      file.delete(name);
      await finished(about.delete(name));
      return known > 0;
    }),
  list: () =>
    database.within('readonly', async ({ about }) => {
      const [names, rows] = await Promise.all([finished(about.getAllKeys()), finished(about.getAll())]);
      return (rows as About[]).map((row, i) => ({ ...row, name: String(names[i]) }));
    }),
};
