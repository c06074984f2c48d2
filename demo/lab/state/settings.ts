/** All that makes a run what it is, as it stands on the page. */
import type { Settings } from '../link.ts';
import { chosenImagesPerClass, dataSeed, imagesPerClass, roles } from './data.ts';
import { choosePreset, layers, preset } from './network.ts';
import { training } from './training.ts';

export function currentSettings(): Settings {
  return {
    preset: preset.value,
    layers: structuredClone([...layers.value]),
    training: { ...training.value },
    data: { imagesPerClass: imagesPerClass.value, seed: dataSeed.value, roles: roles.value },
  };
}

/** Puts settings in place; the caller simulates the images anew. */
export function applySettings(settings: Settings): void {
  if (settings.preset === 'custom') {
    preset.value = 'custom';
    layers.value = settings.layers;
  } else choosePreset(settings.preset);
  training.value = settings.training;
  chosenImagesPerClass.value = settings.data.imagesPerClass;
  dataSeed.value = settings.data.seed;
  roles.value = settings.data.roles;
}
