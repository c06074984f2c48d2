/** Edits of a list of layers: each gives a new list, whose first layer has the shape of the images. */
import type { LayerSpec } from '../../protocol/index.ts';

type Layers = readonly LayerSpec[];

/** What a new layer of a type begins with. */
const DEFAULTS: Readonly<Record<string, Record<string, unknown>>> = {
  conv2d: { filters: 16, kernelSize: 3, activation: 'relu' },
  conv2dTranspose: { filters: 16, kernelSize: 4, strides: 2, padding: 'same', activation: 'relu' },
  depthwiseConv2d: { kernelSize: 3, activation: 'relu' },
  dense: { units: 32, activation: 'relu' },
  rescaling: { scale: 1 },
  dropout: { rate: 0.25 },
  activation: { activation: 'relu' },
  reshape: { targetShape: [-1] },
  maxPool2d: { poolSize: 2 },
  avgPool2d: { poolSize: 2 },
};

export const newLayer = (type: string): LayerSpec => ({ type, options: { ...DEFAULTS[type] } });

/** Channels of the images: 1 grey, 3 in rainbow colours. */
export function inputChannels(layers: Layers): number {
  return layers[0]?.options.inputShape?.at(-1) === 3 ? 3 : 1;
}

export function setInputChannels(layers: Layers, channels: number): LayerSpec[] {
  return withInput(layers, [128, 128, channels]);
}

export function insertLayer(layers: Layers, index: number, layer: LayerSpec): LayerSpec[] {
  return keepInput(layers, [...layers.slice(0, index), layer, ...layers.slice(index)]);
}

export function removeLayer(layers: Layers, index: number): LayerSpec[] {
  return keepInput(
    layers,
    layers.filter((_, i) => i !== index),
  );
}

/** @param to where it is afterwards; beyond the ends nothing changes */
export function moveLayer(layers: Layers, from: number, to: number): LayerSpec[] {
  if (to < 0 || to >= layers.length) return [...layers];
  const rest = layers.filter((_, i) => i !== from);
  return keepInput(layers, [...rest.slice(0, to), layers[from]!, ...rest.slice(to)]);
}

/** Sets an option; `undefined` takes it away, so that the layer's default holds. */
export function changeOption(layers: Layers, index: number, name: string, value: unknown): LayerSpec[] {
  return layers.map((layer, i) => {
    if (i !== index) return layer;
    const { [name]: _, ...rest } = layer.options as Record<string, unknown>;
    return { type: layer.type, options: value === undefined ? rest : { ...rest, [name]: value } };
  });
}

function keepInput(before: Layers, after: Layers): LayerSpec[] {
  return withInput(after, before[0]?.options.inputShape ?? [128, 128, 1]);
}

/** The first layer, and no other, says what the images are like. */
function withInput(layers: Layers, inputShape: readonly number[]): LayerSpec[] {
  return layers.map(({ type, options: { inputShape: _, ...options } }, i) => ({
    type,
    options: i === 0 ? { ...options, inputShape: [...inputShape] } : options,
  }));
}
