/** Shared by the specs of losses that are the mean of f(prediction, truth) over each row. */
import type { Tensor } from '../index.ts';
import { type Array64, map, randomArray, zeros } from './arrays.ts';
import type { OpSpec } from './spec.ts';

interface ElementwiseLoss {
  readonly name: string;
  build(prediction: Tensor, truth: Tensor): Tensor;
  /** Value and derivatives of one element. */
  value(p: number, t: number): number;
  dprediction(p: number, t: number): number;
  dtruth(p: number, t: number): number;
  /** Truth in [0, 1]. */
  readonly probabilities?: boolean;
}

const CASES = [
  { why: 'one element', shape: [1, 1] },
  { why: 'one element a row: no mean', shape: [5, 1] },
  { why: 'no axis but the first', shape: [7] },
  { why: 'a vector a row, more than a workgroup', shape: [9, 33] },
  { why: 'images, whose mean is of two passes', shape: [2, 13, 11, 3] },
];

export interface ElementwiseLossSpec extends OpSpec<object> {
  /** Loss of one element. */
  value(p: number, t: number): number;
}

export function elementwiseLoss(loss: ElementwiseLoss): ElementwiseLossSpec {
  const rowOf = (shape: readonly number[], i: number) => Math.floor((i * shape[0]!) / zeros(shape).data.length);
  const gradient = (p: Array64, t: Array64, dy: Array64, derivative: (p: number, t: number) => number) =>
    map(p, (_, i) => {
      const row = rowOf(p.shape, i);
      return (derivative(p.data[i]!, t.data[i]!) * dy.data[row]! * p.shape[0]!) / p.data.length;
    });

  return {
    name: loss.name,
    value: loss.value,
    cases: CASES.map(({ why, shape }) => ({ why, shapes: [shape, shape], params: {} })),
    // Prediction and truth differ, because some losses have a kink where both are equal.
    inputs: ([shape], random) => {
      const truth = map(randomArray(shape!, random), (t) => (loss.probabilities ? Math.abs(t) : t));
      const away = randomArray(shape!, random);
      return [map(truth, (t, i) => Math.fround(t + 3 * away.data[i]!)), truth];
    },
    build: ([prediction, truth]) => loss.build(prediction!, truth!),
    forward: ([p, t]) => {
      const y = zeros([p!.shape[0]!]);
      p!.data.forEach((value, i) => {
        y.data[rowOf(p!.shape, i)]! += (loss.value(value, t!.data[i]!) * y.data.length) / p!.data.length;
      });
      return y;
    },
    backward: ([p, t], dy) => [gradient(p!, t!, dy, loss.dprediction), gradient(p!, t!, dy, loss.dtruth)],
    tolerance: {
      forward: { error: 2e-6, why: 'a mean of up to 429 elements, each with a few roundings' },
      backward: { error: 1e-6, why: 'a few roundings' },
    },
  };
}
