import { conv2dInputGrad } from '../../index.ts';
import {
  type ConvParams,
  convReference,
  filterGradReference,
  gradientCases,
  inputGradReference,
  products,
} from '../convolution.ts';
import { opSpec } from '../spec.ts';

interface Params extends ConvParams {
  /** Shape of the image. */
  readonly x: readonly number[];
}

// Its values are tested as the gradient of conv2d, over many more cases; here it stands alone, and its own gradients are tested.
export const conv2dInputGradSpec = opSpec<Params>({
  name: 'conv2dInputGrad',
  cases: gradientCases.map(({ why, shapes: [x, w], params }) => ({
    why,
    shapes: [products(x!, w!, params), w!],
    params: { ...params, x: x! },
  })),
  build: ([dy, w], { x, ...options }) => conv2dInputGrad(dy!, w!, x, options),
  forward: ([dy, w], { x, ...options }) => inputGradReference(dy!, w!, x, options),
  backward: ([dy, w], g, { x: _, ...options }) => [
    convReference(g, w!, options),
    filterGradReference(g, dy!, w!.shape, options),
  ],
  spreads: [0, 1],
  tolerance: { forward: { error: 4e-6, why: 'sums of up to 200 products of float32 numbers up to 1' } },
});
