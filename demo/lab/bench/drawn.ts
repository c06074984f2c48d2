/** Whose network is drawn. While a run is under way it is the run's, whatever is chosen for the next one. */
import { computed } from '@preact/signals';
import { currentModel, findRun, running, runs, testing } from '../runs/runs.ts';
import { info, layers, preset } from '../state/network.ts';

/** Undefined where the network that is chosen, or edited, is drawn itself. */
export const drawnRun = computed(() => {
  if (!running.value && info.value?.problem) return undefined; // drawn, to show where it does not fit
  return findRun(currentModel.value?.run) ?? runs.value.find(({ status }) => status === 'running');
});

export const drawnPreset = computed(() => drawnRun.value?.settings.preset ?? preset.value);

/** The network that is chosen is not the one that is drawn: it is for the next run. */
export const waits = computed(() => {
  const drawn = drawnRun.value?.settings;
  if (!drawn) return false;
  if (drawn.preset !== preset.value) return true;
  return preset.value === 'custom' && JSON.stringify(drawn.layers) !== JSON.stringify(layers.value);
});

/** The run whose test is told: of the drawn network, or the last one. While something trains or is tested there is none. */
export const toldRun = computed(() => {
  if (running.value || testing.value) return undefined;
  return drawnRun.value?.test ? drawnRun.value : runs.value.findLast(({ test }) => test);
});
