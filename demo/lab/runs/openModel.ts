/** Models that take the place of the current one: a run's, and those of files. */

import { attempt, FILES } from '../../frame/notify.ts';
import { lab } from '../client.ts';
import { data, simulate } from '../state/data.ts';
import { setLayers } from '../state/network.ts';
import { applySettings, currentSettings } from '../state/settings.ts';
import type { RunRecord } from './record.ts';
import { changeRun, currentModel, findRun, hasToWait, nextId, running, runs } from './runs.ts';

/** Puts a run's model back into the network, with its settings, and its images where they can be made again. */
export async function restoreRun(id: number): Promise<void> {
  const run = findRun(id);
  if (!run?.model || running.value) return;
  const loaded = await attempt(() => lab.load(new File([run.model!], run.name)));
  if (!loaded) return;
  const again = run.source === 'simulated' && data.value?.source === 'simulated';
  currentModel.value = { ...loaded, run: id, name: run.name };
  applySettings({ ...run.settings, data: again ? run.settings.data : currentSettings().data });
  if (again) await simulate();
}

/** Opens a model file: it becomes the current model, with a row among the runs of its own. */
export async function openModel(file: File): Promise<void> {
  if (hasToWait('open a model')) return;
  const loaded = await attempt(() => lab.load(file), FILES);
  if (!loaded) return;
  const id = nextId();
  const name = runs.value.some((run) => run.name === file.name) ? `${file.name} #${id}` : file.name;
  setLayers(loaded.layers);
  const opened: RunRecord = {
    id,
    name,
    started: new Date(),
    settings: currentSettings(),
    source: data.value?.source ?? 'simulated',
    status: 'done',
    parameters: loaded.parameters,
    points: [],
    epochs: [],
    shown: true,
  };
  runs.value = [...runs.value, opened];
  currentModel.value = { ...loaded, run: id, name }; // at once: a run that begins next takes its place
  // Read again, which fails where the file has gone meanwhile.
  const model = await attempt(async () => new Uint8Array(await file.arrayBuffer()));
  if (model) changeRun(id, { model });
}
