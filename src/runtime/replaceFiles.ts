/**
 * Replaces files so that a crash at any moment leaves the old content or the new, never a part of it. Snapshots, saved
 * models and the store of kernel choices are written this way.
 */
import type { PathKind } from '../io/bytes.ts';

/**
 * The functions of `node:fs/promises` that are used. The caller passes them, because the engine imports nothing from
 * Node.
 */
export interface FileSystem {
  open(
    path: string,
    flags: 'wx',
  ): Promise<{
    writeFile(data: string | Uint8Array): Promise<void>;
    sync(): Promise<void>;
    close(): Promise<void>;
  }>;
  readdir(folder: string): Promise<string[]>;
  realpath(path: string): Promise<string>;
  stat(path: string): Promise<PathKind & { readonly size: number; readonly mtimeMs: number }>;
  writeFile(path: string, data: string | Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

/**
 * Writes files so that a crash at any moment leaves each of them old or new, never half-written. Each is first written
 * to another name in the same folder and flushed to the disk; when all are written, they are renamed. A failure leaves
 * the old files and no others.
 * @param files pairs of path and content. The last one is renamed last.
 */
export async function replaceFiles(
  fs: FileSystem,
  files: Iterable<readonly [path: string, content: string | Uint8Array]>,
): Promise<void> {
  const written: { half: string; path: string }[] = [];
  try {
    for (const [name, content] of files) {
      const path = await fs.realpath(name).catch(() => name); // replaces the link's target, not the link
      const known = await fs.stat(path).catch(() => undefined);
      if (known && !known.isFile()) {
        await fs.writeFile(path, content); // a device or a pipe has no content to keep; for a folder this throws
        continue;
      }
      const half = `${path}.${crypto.randomUUID()}.part`;
      written.push({ half, path });
      const handle = await fs.open(half, 'wx');
      try {
        await handle.writeFile(content);
        await handle.sync(); // without it, the new name may reach the disk before the content
      } finally {
        await handle.close();
      }
    }
    for (const { half, path } of written) await fs.rename(half, path);
  } catch (error) {
    for (const { half } of written) await fs.rm(half, { force: true }).catch(() => {}); // the first error is the one to throw
    throw error;
  }
}

/** In milliseconds. A partial file that is older belongs to no save in progress. */
const STALE_MS = 600_000;

/** Removes the partial files that crashed calls of `replaceFiles` left beside a file. */
export async function removeStale(
  fs: FileSystem,
  paths: { dirname(path: string): string; basename(path: string): string; join(...parts: string[]): string },
  name: string,
): Promise<void> {
  const path = await fs.realpath(name).catch(() => name);
  const [folder, base] = [paths.dirname(path), `${paths.basename(path)}.`];
  for (const file of await fs.readdir(folder)) {
    if (!file.startsWith(base) || !/^[0-9a-f-]{36}\.part$/.test(file.slice(base.length))) continue;
    const half = paths.join(folder, file);
    const { mtimeMs } = await fs.stat(half);
    if (mtimeMs < Date.now() - STALE_MS) await fs.rm(half, { force: true });
  }
}
