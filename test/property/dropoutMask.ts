import { dropoutSpec } from '../../src/selftest/specs/dropout.ts';
import { array64, map, zeros } from '../support/arrays.ts';
import type { Tf, TfTensor } from '../support/tensorflow.ts';

/** The factors of the engine's dropout, by the reference of its hash: TensorFlow.js draws other numbers. */
export function dropoutMask(
  tf: Tf,
  shape: readonly number[],
  { seed, index }: { seed: number; index: number },
  rate: number,
): TfTensor {
  const ones = map(zeros(shape), () => 1);
  const { data } = dropoutSpec.forward([ones, array64([1], [seed])], { rate, salt: index, seed });
  return tf.tensor(Float32Array.from(data), [...shape]);
}
