/** Channels of a picture, and where in it a max-pool took its values from. */

export interface Pool {
  /** Height, width, channels of what was pooled. */
  input: readonly number[];
  output: readonly number[];
  size: readonly [number, number];
  strides: readonly [number, number];
}

/** Zeros before the first row or column: none for `valid`, half of what is missing for `same`. */
export function offsetOf(input: number, output: number, size: number, stride: number): number {
  return Math.floor(Math.max((output - 1) * stride + size - input, 0) / 2);
}

/**
 * Pixels that were chosen in one channel, as `row * width + column` of the pooled map.
 * @param argmax `[outHeight, outWidth, channels]`, `row * window width + column` within each window
 */
export function chosenPixels(argmax: ArrayLike<number>, channel: number, pool: Pool): number[] {
  const [height, width, channels] = pool.output as [number, number, number];
  const top = offsetOf(pool.input[0]!, height, pool.size[0], pool.strides[0]);
  const left = offsetOf(pool.input[1]!, width, pool.size[1], pool.strides[1]);
  const chosen: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const tap = argmax[(row * width + column) * channels + channel]!;
      const y = row * pool.strides[0] - top + Math.floor(tap / pool.size[1]);
      const x = column * pool.strides[1] - left + (tap % pool.size[1]);
      chosen.push(y * pool.input[1]! + x);
    }
  }
  return chosen;
}

/** One channel of `[height, width, channels]`. */
export function channelOf(data: ArrayLike<number>, channels: number, channel: number): Float32Array {
  const one = new Float32Array(data.length / channels);
  for (let p = 0; p < one.length; p++) one[p] = data[p * channels + channel]!;
  return one;
}

/** The channel with the largest value. @param data `[height, width, channels]` */
export function strongest(data: Float32Array, channels: number): number {
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i]! > data[best]!) best = i;
  return best % channels;
}
