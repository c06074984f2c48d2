import { conv2dFilterGrad } from '../../index.ts';
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
  /** Shape of the filter. */
  readonly w: readonly number[];
}

// Its values are tested as the gradient of conv2d, over many more cases; here it stands alone, and its own gradients are tested.
export const conv2dFilterGradSpec = opSpec<Params>({
  name: 'conv2dFilterGrad',
  cases: gradientCases.map(({ why, shapes: [x, w], params }) => ({
    why,
    shapes: [x!, products(x!, w!, params)],
    params: { ...params, w: w! },
  })),
  build: ([x, dy], { w, ...options }) => conv2dFilterGrad(x!, dy!, w, options),
  forward: ([x, dy], { w, ...options }) => filterGradReference(x!, dy!, w, options),
  backward: ([x, dy], g, { w: _, ...options }) => [
    inputGradReference(dy!, g, x!.shape, options),
    convReference(x!, g, options),
  ],
  spreads: [1, 2],
  tolerance: { forward: { error: 4e-6, why: 'sums of up to 200 products of float32 numbers up to 1' } },
});
