/** The hash of shaders/dropout.wgsl and of the shaders that draw for each example, in JavaScript's 32-bit integers. */
export function mix32(word: number): number {
  let v = word | 0;
  v ^= v >>> 16;
  v = Math.imul(v, 0x7feb352d);
  v ^= v >>> 15;
  v = Math.imul(v, 0x846ca68b);
  v ^= v >>> 16;
  return v;
}

export function pcg4d(words: readonly number[]): number[] {
  const [X, Y, Z, W] = [0, 1, 2, 3] as const;
  const v = words.map((word) => (Math.imul(word, 1664525) + 1013904223) | 0);
  const round = () => {
    v[X] = (v[X]! + Math.imul(v[Y]!, v[W]!)) | 0;
    v[Y] = (v[Y]! + Math.imul(v[Z]!, v[X]!)) | 0;
    v[Z] = (v[Z]! + Math.imul(v[X]!, v[Y]!)) | 0;
    v[W] = (v[W]! + Math.imul(v[Y]!, v[Z]!)) | 0;
  };
  round();
  for (const i of [X, Y, Z, W]) v[i]! ^= v[i]! >>> 16;
  round();
  return v.map((word) => word >>> 0);
}

/** Four words of 32 bits for an example. @param seed the step's, and the number of the first example if that is not 0 */
export function drawOf(
  example: number,
  [seed, first = 0]: ArrayLike<number> & Iterable<number>,
  salt: number,
): number[] {
  return pcg4d([(example + first) >>> 0, mix32(seed!), mix32(salt), 0]);
}

/** A word as a number in [0, 1), of 24 bits. */
export const unit = (word: number): number => (word >>> 8) / 2 ** 24;
