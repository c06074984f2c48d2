import { FILES, notify } from '../../../frame/notify.ts';
import { openModel } from '../../runs/openModel.ts';
import { hasToWait } from '../../runs/runs.ts';
import { openFiles } from '../../state/data.ts';

export interface UserFile {
  /** With its folders, where the browser gives them. */
  path: string;
  file: File;
}

export const isModel = ({ path }: UserFile) => /\.safetensors$/i.test(path);

/** Opens what was dropped or chosen, images or a model, unless a run needs those that are there. */
export async function openUserFiles(files: UserFile[]): Promise<void> {
  const model = files.find(isModel);
  if (model && files.length > 1) notify('problem', `${model.path} is a model: open it by itself.`, { about: FILES });
  else if (model) await openModel(model.file);
  else if (!hasToWait('open other images') && files.length > 0) await openFiles(files);
}

/** The files of an input, with their folders if a folder was chosen. */
export const chosenFiles = (files: FileList | null): UserFile[] =>
  [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
