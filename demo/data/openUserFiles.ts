import { openFiles } from '../state/data.ts';
import { notify } from '../state/lab.ts';
import { running } from '../state/runs.ts';

export interface UserFile {
  /** With its folders, where the browser tells them. */
  path: string;
  file: File;
}

/** Opens what was dropped or chosen, unless a run needs the images that are there. */
export async function openUserFiles(files: UserFile[]): Promise<void> {
  if (running.value) notify('note', 'A run is under way: stop it, or wait for its end, before you open other images.');
  else if (files.length > 0) await openFiles(files);
}

/** The files of an input, with their folders if a folder was chosen. */
export const chosenFiles = (files: FileList | null): UserFile[] =>
  [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
