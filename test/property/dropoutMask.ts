/** The factors of the engine's dropout, by the reference of its hash: TensorFlow.js draws other numbers. */
import { size } from '../support/arrays.ts';
import type { Tf, TfTensor } from '../support/tensorflow.ts';

function mix32(word: number): number {
  let v = word | 0;
  v ^= v >>> 16;
  v = Math.imul(v, 0x7feb352d);
  v ^= v >>> 15;
  v = Math.imul(v, 0x846ca68b);
  v ^= v >>> 16;
  return v;
}

function pcg4d(words: readonly number[]): number[] {
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
export function dropoutMask(
  tf: Tf,
  shape: readonly number[],
  { seed, index }: { seed: number; index: number },
  rate: number,
): TfTensor {
  const data = Float32Array.from({ length: size(shape) }, (_, i) =>
    pcg4d([i >>> 2, mix32(seed), mix32(index), 0])[i & 3]! >= Math.floor(rate * 2 ** 32) ? 1 / (1 - rate) : 0,
  );
  return tf.tensor(data, [...shape]);
}
