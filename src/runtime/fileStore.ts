/**
 * Stores the measured choices of kernels in a file in the user's cache folder, so that a later process of Node need not
 * measure again.
 */
import { FormatError } from '../errors.ts';
import { check } from '../options.ts';
import { type FileSystem, replaceFiles } from './replaceFiles.ts';
import { asChoices, merged, type TuningStore } from './tuningStore.ts';

/** Largest file that is read. A store takes about 100 KB for each adapter, so a larger file is something else. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * The part of Node's `process` that is used. It is declared here, because users of the library need not have Node's
 * types.
 */
interface Node {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Node has it since 20.16. It replaces imports, which bundlers for the web would try to resolve. */
  getBuiltinModule(id: 'node:fs/promises'): FileSystem & {
    readFile(path: string, encoding: 'utf8'): Promise<string>;
    mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  };
  getBuiltinModule(id: 'node:path'): { join(...parts: string[]): string; dirname(path: string): string };
  getBuiltinModule(id: 'node:os'): { homedir(): string };
}

/**
 * A store in a JSON file. It needs Node 20.16 or newer, or a runtime with the same modules; elsewhere its methods reject.
 * @param path default: `neurite/tuning.json` in the user's cache folder
 */
export function fileStore(path?: string): TuningStore {
  if (path !== undefined) check('fileStore', 'path', path, 'text');
  const open = () => {
    const node = (globalThis as { process?: Partial<Node> }).process as Node | undefined;
    if (!node?.getBuiltinModule) throw new Error('fileStore: there is no file system.');
    const paths = node.getBuiltinModule('node:path');
    const cache = () => cacheFolder(node.platform, node.env, node.getBuiltinModule('node:os').homedir());
    const file = path ?? paths.join(cache(), 'neurite', 'tuning.json');
    return { fs: node.getBuiltinModule('node:fs/promises'), file, folder: paths.dirname(file) };
  };
  const read = async (): Promise<Record<string, unknown>> => {
    const { fs, file } = open();
    const { size } = await fs.stat(file);
    if (size > MOST_BYTES) throw new FormatError(`${file} has ${size} bytes: it is no store of choices; delete it.`);
    const text = await fs.readFile(file, 'utf8');
    try {
      const parsed = JSON.parse(text) as unknown;
      return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
    } catch (cause) {
      throw new FormatError(`${file} is not JSON: delete it, or let the next choices replace it.`, { cause });
    }
  };
  return {
    load: async (adapter) => asChoices((await read())[adapter]),
    async save(adapter, choices) {
      const { fs, file, folder } = open();
      const known = await read().catch((): Record<string, unknown> => ({})); // no file yet, or a broken one
      const text = JSON.stringify({ ...known, [adapter]: merged(known[adapter], choices) }, null, 1);
      await fs.mkdir(folder, { recursive: true });
      await replaceFiles(fs, [[file, text]]); // another process that reads meanwhile gets the old file or the new one
    },
  };
}

/** The user's cache folder of an operating system: for files that programs can make again. */
export function cacheFolder(platform: string, env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === 'win32') return env.LOCALAPPDATA ?? `${home}\\AppData\\Local`;
  return platform === 'darwin' ? `${home}/Library/Caches` : `${home}/.cache`;
}
