/** The origin's private file system, which other sites cannot read and which does not appear among the user's files. */

/** Whether there is one: a page has it on https or localhost, Node has none. */
export const hasPrivateFiles = (): boolean =>
  (globalThis.navigator as Navigator | undefined)?.storage?.getDirectory !== undefined;

/** A folder of it, which is made if it is not there. */
export async function privateFolder(name: string): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
}

/** Replaces a file wholly or not at all. */
export async function writePrivate(
  folder: FileSystemDirectoryHandle,
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const handle = await folder.getFileHandle(file, { create: true });
  const writable = await handle.createWritable(); // writes to a temporary file, which replaces this one when it is closed
  try {
    await writable.write(bytes);
  } catch (error) {
    await writable.abort().catch(() => {}); // the first error is the one to throw
    throw error;
  }
  await writable.close();
}

/** Undefined for a file that is not there. @throws any other error */
export function orAbsent(error: Error): undefined {
  if (error.name !== 'NotFoundError') throw error;
}
