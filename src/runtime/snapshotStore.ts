/**
 * Stores the last snapshot of a training run in a file, so that the run can be resumed after a reload or a crash: in a
 * page in the origin's private file system, in Node in an ordinary file.
 */
import { ArgumentError, FormatError, StateError } from '../errors.ts';
import { bytesIn, checkIsFile, MOST_ARRAY_BYTES } from '../io/bytes.ts';
import { shown } from '../shown.ts';
import { hasPrivateFiles, orAbsent, privateFolder, writePrivate } from './privateFiles.ts';
import { type FileSystem, removeStale, replaceFiles } from './replaceFiles.ts';

/** Stores the last snapshot of a training run. */
export interface SnapshotStore {
  /** The bytes saved last; undefined if there are none. */
  load(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Replaces the stored bytes wholly or not at all: a reload in the middle leaves the old ones. The engine passes new
   * memory each time, which the store may keep.
   */
  save(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(): Promise<void>;
}

/** In milliseconds. After a reload, the page that was there before releases its files within this time. */
const PATIENCE_MS = 5000;
const FOLDER = 'neurite';

/** Files that this page or worker has locked. */
const held = new Map<string, Promise<void>>();

/**
 * A store in the origin's private file system, which other sites cannot read and which does not appear among the user's
 * files. Only one page or worker at a time can use a store, from its first use until the page is closed or reloaded.
 * @param name name of the run: each name is a file of its own
 * @throws ArgumentError unless the name is a text
 * @throws StateError if there is no such file system; its methods throw one if another tab or worker uses the store
 */
export function privateFileStore(name: string): SnapshotStore {
  checkText('privateFileStore: name', name);
  if (!hasPrivateFiles()) {
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
    return privateFolder(FOLDER);
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
      await writePrivate(folder, file, bytes);
    },
    async remove() {
      const folder = await open();
      await folder.removeEntry(file).catch(orAbsent);
    },
  };
}

/** Takes a lock that lasts as long as the page or worker. Without the Web Locks API it does nothing. */
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

/** The part of Node's `process` that is used. */
interface Node {
  getBuiltinModule(id: 'node:fs/promises'): FileSystem & { readFile(path: string): Promise<Uint8Array<ArrayBuffer>> };
  getBuiltinModule(id: 'node:path'): Parameters<typeof removeStale>[1];
}

/**
 * A store in a file, for Node 20.16 or newer. A crash during a save leaves the old file and perhaps a partial one,
 * which a later call removes. `load` throws a FormatError if the path is not a file, or if the file is too large.
 * @throws ArgumentError unless the path is a text
 * @throws StateError if there is no file system
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
    swept ??= removeStale(files, node.getBuiltinModule('node:path'), path).catch(() => {}); // a failure must not stop training
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

/** A copy of the bytes, because the caller may change the original while it is being written. */
const ownBytes = (given: Uint8Array) => new Uint8Array(bytesIn('save: bytes', given));

function checkSize(name: string, { size }: { readonly size: number }): void {
  if (size > MOST_ARRAY_BYTES) throw new FormatError(`the snapshot '${name}' has ${size} bytes: too many.`);
}

function checkText(what: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw new ArgumentError(`${what} must be a text, got ${shown(value)}.`);
}
