/** What a worker with the engine knows before there is a GPU. */
import { layerTypes } from 'neurite';
import { type PresetName, presets, presetTraining } from 'neurite/brain';
import type { Hello } from '../protocol/index.ts';

export function hello(): Hello {
  const names = Object.keys(presets) as PresetName[];
  const presetOf = (name: PresetName) => ({ layers: presets[name](), training: { ...presetTraining[name], seed: 0 } });
  return {
    presets: Object.fromEntries(names.map((name) => [name, presetOf(name)])) as Hello['presets'],
    layerTypes: [...layerTypes],
  };
}
