import { signal } from '@preact/signals';

/** The channel that the user chose to follow through the network. */
export const chosenChannel = signal<number | undefined>(undefined);

/** The channel of a layer that is followed: until one is chosen, its strongest. */
export function channelIn(layer: { shape: readonly number[]; data: Float32Array }): number {
  const channels = layer.shape.at(-1)!;
  const chosen = chosenChannel.value;
  return chosen === undefined ? strongest(layer.data, channels) : Math.min(chosen, channels - 1);
}

/** The channel with the largest value. @param data `[height, width, channels]` */
export function strongest(data: Float32Array, channels: number): number {
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i]! > data[best]!) best = i;
  return best % channels;
}
