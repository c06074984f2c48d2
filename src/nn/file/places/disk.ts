/** `file://path`: a file on the disk, under Node, Deno or Bun. */
import { snapshotFile } from '../../../runtime/snapshotStore.ts';
import type { Place } from './place.ts';

/** A whole URL, as `pathToFileURL` makes it, is encoded; `file://models/a.safetensors` is a path as it stands. */
function pathOf(name: string): string {
  return name.startsWith('/') ? decodeURIComponent(name).replace(/^\/(?=[a-z]:)/i, '') : name;
}

export const disk: Place = {
  missing: () =>
    (globalThis as { process?: { getBuiltinModule?: unknown } }).process?.getBuiltinModule === undefined
      ? 'a page reaches no files by their path. Use download://name, or indexeddb://name to keep it in the browser; loadModel takes the file that a visitor chooses'
      : undefined,
  write: (name, bytes) => snapshotFile(pathOf(name)).save(bytes),
  read: (name) => snapshotFile(pathOf(name)).load(),
};
