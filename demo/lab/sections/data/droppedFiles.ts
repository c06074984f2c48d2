import type { UserFile } from './openUserFiles.ts';

/** More than can be read; a folder of the whole disk would be searched for minutes. */
const MOST_FILES = 20_000;

/**
 * What was dropped; folders are searched for files. Must be called while the drop event is handled.
 * @throws Error for too many files
 */
export async function droppedFiles(transfer: DataTransfer): Promise<UserFile[]> {
  // Items are gone after the event: all entries are fetched before the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ path: file.name, file }));
  const found: UserFile[] = [];
  for (const entry of entries) await collect(entry, found);
  return found;
}

/** The files of a dropped file or folder, with their paths. @throws Error for too many files */
export async function filesOf(entry: FileSystemEntry): Promise<UserFile[]> {
  const found: UserFile[] = [];
  await collect(entry, found);
  return found;
}

async function collect(entry: FileSystemEntry, found: UserFile[]): Promise<void> {
  if (isFile(entry)) {
    if (found.length === MOST_FILES) {
      throw new Error(`There are more than ${MOST_FILES} files: drop a folder that holds nothing but the images.`);
    }
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives at most 100 entries at a time, and none when it is through.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const child of entries) await collect(child, found);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
