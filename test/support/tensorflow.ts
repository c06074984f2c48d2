/** TensorFlow.js on the CPU: the outside oracle. */
import * as tf from '@tensorflow/tfjs';
import type { Array64 } from './arrays.ts';

let ready: Promise<typeof tf> | undefined;

export function tensorflow(): Promise<typeof tf> {
  ready ??= (async () => {
    await tf.setBackend('cpu');
    await tf.ready();
    return tf;
  })();
  return ready;
}

export type TfTensor = tf.Tensor;
export type Tf = typeof tf;

export function toTf(x: Array64, dtype: 'float32' | 'int32' = 'float32'): tf.Tensor {
  return tf.tensor(Float32Array.from(x.data), [...x.shape], dtype);
}
