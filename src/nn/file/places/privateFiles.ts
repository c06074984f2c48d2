/** `opfs://name`: the origin's private file system. */
import { hasPrivateFiles, orAbsent, privateFolder, writePrivate } from '../../../runtime/privateFiles.ts';
import type { Place } from './place.ts';

const FOLDER = 'neurite-models';
const END = '.safetensors';
/** Any name makes one file, in this folder. */
const fileOf = (name: string) => `${encodeURIComponent(name)}${END}`;

export const privateFiles: Place = {
  missing: () =>
    hasPrivateFiles()
      ? undefined
      : 'there is no private file system here: a page needs https or localhost; in Node, use file://model.safetensors',
  write: async (name, bytes) => writePrivate(await privateFolder(FOLDER), fileOf(name), bytes),
  async read(name) {
    const handle = await (await privateFolder(FOLDER)).getFileHandle(fileOf(name)).catch(orAbsent);
    return handle?.getFile();
  },
  async remove(name) {
    const folder = await privateFolder(FOLDER);
    const removed = await folder.removeEntry(fileOf(name)).then(() => true, orAbsent);
    return removed ?? false;
  },
  async list() {
    const known = [];
    for await (const handle of (await privateFolder(FOLDER)).values()) {
      if (handle.kind !== 'file' || !handle.name.endsWith(END)) continue; // a file in the making has another name
      const { size, lastModified } = await (handle as FileSystemFileHandle).getFile();
      const name = decodeURIComponent(handle.name.slice(0, -END.length));
      known.push({ name, bytes: size, saved: new Date(lastModified) });
    }
    return known;
  },
};
