import { computed, signal } from '@preact/signals';
import { inspection } from './watch.ts';

/** The channel that the user chose to follow through the network. */
export const chosenChannel = signal<number | undefined>(undefined);

/** The channel that is followed: until one is chosen, the first layer's strongest. */
export const selectedChannel = computed(() => {
  if (chosenChannel.value !== undefined) return chosenChannel.value;
  const maps = inspection.value?.layers.find(({ shape }) => shape.length === 3 && shape[2]! > 1);
  return maps ? strongest(maps.data, maps.shape[2]!) : 0;
});

/** The channel with the largest value. @param data `[height, width, channels]` */
export function strongest(data: Float32Array, channels: number): number {
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i]! > data[best]!) best = i;
  return best % channels;
}
