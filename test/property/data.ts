/** Random batches that fit a network. */
import { lossByName } from '../../src/nn/losses.ts';
import type { Network } from '../../src/nn/network.ts';
import type { Shape } from '../../src/tensor.ts';
import { randomStream, size } from '../support/arrays.ts';
import type { NetworkCase } from './network.ts';

/** Examples with targets as the loss wants them, and as one number for each output. */
export interface Batch {
  readonly x: { readonly data: Float32Array; readonly shape: Shape };
  readonly y: {
    readonly data: Float32Array | Int32Array;
    readonly dense: Float32Array;
    readonly denseShape: Shape;
  };
  /** How much each example counts. */
  readonly weights: Float32Array;
}

type Sizes = Pick<Network, 'inputShape' | 'outputShape'>;

/** A batch for each step. */
export function drawBatches({ loss, rows, weighted, seed }: NetworkCase, { inputShape, outputShape }: Sizes): Batch[] {
  const random = randomStream(seed ^ 0x5eed);
  const draw = (shape: Shape, f: () => number) => Float32Array.from({ length: size(shape) }, f);
  return rows.map((n): Batch => {
    const x = { data: draw([n, ...inputShape], () => 2 * random() - 1), shape: [n, ...inputShape] };
    const weights = draw([n], () => (weighted ? 2 * random() : 1));
    const denseShape = [n, ...outputShape];
    if (lossByName(loss).includes === 'softmax') {
      const classes = outputShape[0]!;
      const labels = Int32Array.from({ length: n }, () => Math.floor(classes * random()));
      const dense = draw(denseShape, () => 0);
      labels.forEach((label, row) => {
        dense[row * classes + label] = 1;
      });
      const data = loss === 'sparseCategoricalCrossentropy' ? labels : dense;
      return { x, y: { data, dense, denseShape }, weights };
    }
    const dense = draw(denseShape, loss === 'binaryCrossentropy' ? random : () => 4 * random() - 2);
    return { x, y: { data: dense, dense, denseShape }, weights };
  });
}
