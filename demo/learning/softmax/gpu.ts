/** Softmax of three logits, its cross-entropy and the gradient, on the GPU. */
import { type Device, gradients, graph, softmax, softmaxCrossEntropy, sum } from 'neurite';
import { onDevice } from '../../lesson/compute.ts';

const step = onDevice(() => {
  const g = graph();
  const f = g.input('f', [1, 3]);
  const y = g.input('y', [1], 'i32');
  const loss = sum(softmaxCrossEntropy(f, y));
  return { inputs: { f, y }, outputs: { p: softmax(f), loss, gradient: gradients(loss, [f])[0]! } };
});

/** @param truth the class, from 0 */
export const softmaxOnGpu = (device: Device, f: readonly number[], truth: number) => step(device, { f, y: [truth] });
