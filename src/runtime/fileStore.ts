/** Where measured choices of kernels outlast a process: a file in the user's cache folder. */
import { FormatError } from '../errors.ts';
import { check } from '../options.ts';
import { type FileSystem, replaceFiles } from './replaceFiles.ts';
import { asChoices, merged, type TuningStore } from './tuningStore.ts';

/** A store keeps about 100 KB for an adapter. */
const MOST_BYTES = 16 * 2 ** 20;

/** What is used of Node. Written down here, since users of the library need not have Node's types. */
interface Node {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Since Node 20.16; imports nothing, so that bundlers for the web see nothing. */
  getBuiltinModule(id: 'node:fs/promises'): FileSystem & {
    readFile(path: string, encoding: 'utf8'): Promise<string>;
    mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  };
  getBuiltinModule(id: 'node:path'): { join(...parts: string[]): string; dirname(path: string): string };
  getBuiltinModule(id: 'node:os'): { homedir(): string };
}

/**
 * A store in a JSON file. It needs Node 20.16 or newer, or what offers the same modules; elsewhere its methods reject.
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
      await replaceFiles(fs, [[file, text]]); // whoever reads meanwhile sees the old file or the new one
    },
  };
}

/** Where an operating system keeps what programs can make again. */
export function cacheFolder(platform: string, env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === 'win32') return env.LOCALAPPDATA ?? `${home}\\AppData\\Local`;
  return platform === 'darwin' ? `${home}/Library/Caches` : `${home}/.cache`;
}
