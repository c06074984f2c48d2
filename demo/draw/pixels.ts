/** Of each pixel one number, from those of its channels: `[height, width, channels]` to `[height, width]`. */

export function meanOf(data: Float32Array, channels: number): Float32Array {
  if (channels === 1) return data;
  const mean = new Float32Array(data.length / channels);
  for (let i = 0; i < data.length; i++) mean[Math.floor(i / channels)]! += data[i]! / channels;
  return mean;
}

/** Sum of absolute values. */
export function strengthOf(data: Float32Array, channels: number): Float32Array {
  const strength = new Float32Array(data.length / channels);
  for (let i = 0; i < data.length; i++) strength[Math.floor(i / channels)]! += Math.abs(data[i]!);
  return strength;
}
