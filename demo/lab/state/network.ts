/** The network that is being edited: its layers, and what the engine says of them. */
import { effect, signal } from '@preact/signals';
import { hello, lab } from '../client.ts';
import type { LayerSpec, ModelInfo, PresetName } from '../protocol/index.ts';
import { training } from './training.ts';

export const preset = signal<PresetName | 'custom'>('baseline');
export const layers = signal<readonly LayerSpec[]>([]);
/** Shapes and parameters of the layers, or what does not fit; a moment behind `layers`. */
export const info = signal<ModelInfo | undefined>(undefined);

/** Takes a preset's layers and the settings that it is best trained with. */
export function choosePreset(name: PresetName): void {
  const chosen = hello.value?.presets[name];
  if (!chosen) return;
  preset.value = name;
  layers.value = structuredClone(chosen.layers);
  training.value = { ...chosen.training, seed: training.value.seed };
}

/** Replaces the layers by edited ones. */
export function setLayers(edited: readonly LayerSpec[]): void {
  preset.value = 'custom';
  layers.value = edited;
}

/** Keeps `info` up to date. */
export function watchModel(): void {
  let asked = 0;
  effect(() => {
    const current = layers.value;
    if (!hello.value) return;
    const ticket = ++asked;
    lab.describe([...current]).then((described) => {
      if (ticket === asked) info.value = described;
    });
  });
}
