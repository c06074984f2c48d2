/** Which number of which map is taken apart. */
import { computed, signal } from '@preact/signals';
import { channelOf, strongest } from '../../draw/positions.ts';
import type { LayerOutput } from '../protocol/index.ts';
import { channelIn, chosenChannel, inspection } from '../sections/network/state.ts';
import { slideOf, unitOf } from './unit.ts';

/** What was opened last; absent parts are chosen by what there is to see. */
export const opened = signal<{ layer?: string; row?: number; column?: number }>({});

export interface OpenedUnit {
  layer: LayerOutput;
  /** Place of the layer in the network. */
  index: number;
  row: number;
  column: number;
  channel: number;
}

/** Layers whose numbers can be taken apart. */
export const canOpen = (layer: Pick<LayerOutput, 'type' | 'options' | 'shape'>) =>
  layer.shape.length === 3 && slideOf(layer) !== undefined;

export const openedUnit = computed((): OpenedUnit | undefined => {
  const layers = inspection.value?.layers ?? [];
  const { layer: name, row, column } = opened.value;
  const layer = layers.find((one) => one.name === name && canOpen(one)) ?? layers.find(canOpen);
  if (!layer) return undefined;
  const [height, width, channels] = layer.shape as [number, number, number];
  const channel = channelIn(layer);
  const index = layers.indexOf(layer);
  if (row !== undefined && column !== undefined && layer.name === name) {
    return { layer, index, channel, row: Math.min(row, height - 1), column: Math.min(column, width - 1) };
  }
  const place = strongestPlace(layer, channels, channel);
  return { layer, index, channel, row: Math.floor(place / width), column: place % width };
});

/** Where a map has its largest value; its middle, where all are 0. */
function strongestPlace({ data, shape }: LayerOutput, channels: number, channel: number): number {
  const values = channelOf(data, channels, channel);
  const middle = Math.floor(shape[0]! / 2) * shape[1]! + Math.floor(shape[1]! / 2);
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), middle);
}

/** The opened number, by hand. */
export const unitByHand = computed(() => {
  const unit = openedUnit.value;
  const seen = inspection.value;
  if (!unit || !seen) return undefined;
  const { layer, index, ...place } = unit;
  const kernels = seen.kernels.find((set) => set.layer === layer.name);
  return unitOf(layer, seen.layers[index - 1] ?? seen.input, kernels, place);
});

/** Takes another number of the same or another map. */
export function open(layer: LayerOutput, row: number, column: number): void {
  const [height, width] = layer.shape as [number, number];
  const within = (value: number, size: number) => Math.max(0, Math.min(size - 1, value));
  // The map that is followed stays, whatever becomes of the strongest.
  chosenChannel.value ??= strongest(layer.data, layer.shape[2]!);
  opened.value = { layer: layer.name, row: within(row, height), column: within(column, width) };
}
