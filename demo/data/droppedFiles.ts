import type { UserFile } from './openUserFiles.ts';

/** What was dropped; folders are searched for files. Must be called while the drop event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<UserFile[]> {
  // Items are gone after the event: all entries are fetched before the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ path: file.name, file }));
  const found = await Promise.all(entries.map(filesOf));
  return found.flat();
}

/** The files of a dropped file or folder, with their paths. */
export async function filesOf(entry: FileSystemEntry): Promise<UserFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const inside: UserFile[] = [];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives at most 100 entries at a time, and none when it is through.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return inside;
    for (const child of entries) inside.push(...(await filesOf(child)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
