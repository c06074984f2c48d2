/** Where the last snapshot of a training run outlasts the page or process: a file, in the browser or of Node. */
import { ArgumentError, FormatError, StateError, shown } from '../errors.ts';
import { bytesIn, checkIsFile, MOST_ARRAY_BYTES } from '../io/bytes.ts';
import { type FileSystem, removeStale, replaceFiles } from './replaceFiles.ts';

/** Keeps the last snapshot of a training run. */
export interface SnapshotStore {
  /** The bytes saved last; undefined where there are none. */
  load(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Replaces what is kept, wholly or not at all: a reload in the middle leaves what was there. The engine gives fresh bytes each time,
   * which the store may keep.
   */
  save(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(): Promise<void>;
}

/** The page that was here before a reload lets go of its files within this time, in milliseconds. */
const PATIENCE_MS = 5000;
const FOLDER = 'neurite';

/** Files that this page or worker has to itself. */
const held = new Map<string, Promise<void>>();

/**
 * A store in the origin's private file system, which no other site sees, and no user among their files. It belongs to one page or
 * worker at a time, from its first use until that is closed or reloaded.
 * @param name of the run: another name is another file
 * @throws ArgumentError unless the name is a text
 * @throws StateError where there is no such file system; from its methods where another tab or worker uses it
 */
export function privateFileStore(name: string): SnapshotStore {
  checkText('privateFileStore: name', name);
  if (!(globalThis.navigator as Navigator | undefined)?.storage?.getDirectory) {
    throw new StateError(
      'privateFileStore: there is no private file system here: a page needs https or localhost; in Node, use snapshotFile.',
    );
  }
  const file = `${encodeURIComponent(name)}.safetensors`;
  const open = async (): Promise<FileSystemDirectoryHandle> => {
    const known = held.get(file) ?? hold(`${FOLDER}/${file}`, name);
    held.set(file, known);
    known.catch(() => held.delete(file)); // the next call tries again
    await known;
    return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  };
  return {
    async load() {
      const folder = await open();
      const handle = await folder.getFileHandle(file).catch(orAbsent);
      if (!handle) return undefined;
      const stored = await handle.getFile();
      checkSize(name, stored);
      return new Uint8Array(await stored.arrayBuffer());
    },
    async save(given) {
      const bytes = ownBytes(given);
      const folder = await open();
      const handle = await folder.getFileHandle(file, { create: true });
      const writable = await handle.createWritable(); // writes to another file, which takes the place of this one at its close
      try {
        await writable.write(bytes);
      } catch (error) {
        await writable.abort().catch(() => {}); // the first failure is told
        throw error;
      }
      await writable.close();
    },
    async remove() {
      const folder = await open();
      await folder.removeEntry(file).catch(orAbsent);
    },
  };
}

/** Takes a lock that lasts as long as the page or worker. Where there are no locks, there is nothing to take. */
function hold(lock: string, name: string): Promise<void> {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const kept = () => {
      resolve();
      return new Promise<void>(() => {});
    };
    const failed = (cause: Error) => {
      const why =
        cause.name === 'TimeoutError'
          ? 'is in use by another tab or worker; close it, or choose another name.'
          : `cannot be locked: ${cause.message}`;
      reject(new StateError(`the store '${name}' ${why}`, { cause }));
    };
    navigator.locks.request(lock, { signal: AbortSignal.timeout(PATIENCE_MS) }, kept).catch(failed);
  });
}

function orAbsent(error: Error): undefined {
  if (error.name !== 'NotFoundError') throw error;
}

/** What is used of Node. */
interface Node {
  getBuiltinModule(id: 'node:fs/promises'): FileSystem & { readFile(path: string): Promise<Uint8Array<ArrayBuffer>> };
  getBuiltinModule(id: 'node:path'): Parameters<typeof removeStale>[1];
}

/**
 * A store in a file of Node's (20.16 or newer). A crash while it is written leaves the old one; what else it leaves
 * is removed later. `load` throws a FormatError for what is no file, or too large.
 * @throws ArgumentError unless the path is a text
 * @throws StateError where there are no files
 */
export function snapshotFile(path: string): SnapshotStore {
  checkText('snapshotFile: path', path);
  const node = (globalThis as { process?: Partial<Node> }).process as Node | undefined;
  if (!node?.getBuiltinModule) {
    throw new StateError('snapshotFile: there is no file system; in a page, use privateFileStore.');
  }
  const files = node.getBuiltinModule('node:fs/promises');
  let swept: Promise<void> | undefined;
  const sweep = () => {
    swept ??= removeStale(files, node.getBuiltinModule('node:path'), path).catch(() => {}); // of no concern to whoever trains
    return swept;
  };
  return {
    async load() {
      await sweep();
      try {
        const known = await files.stat(path);
        checkIsFile(`the snapshot '${path}'`, known);
        checkSize(path, known);
        return await files.readFile(path);
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOENT') throw error;
        return undefined;
      }
    },
    async save(given) {
      const bytes = ownBytes(given);
      await sweep();
      await replaceFiles(files, [[path, bytes]]);
    },
    remove: () => files.rm(path, { force: true }),
  };
}

/** A copy: the caller's own, in memory of whatever kind, may change while they are written. */
const ownBytes = (given: Uint8Array) => new Uint8Array(bytesIn('save: bytes', given));

function checkSize(name: string, { size }: { readonly size: number }): void {
  if (size > MOST_ARRAY_BYTES) throw new FormatError(`the snapshot '${name}' has ${size} bytes: too many.`);
}

function checkText(what: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw new ArgumentError(`${what} must be a text, got ${shown(value)}.`);
}
