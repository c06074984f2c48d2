/** What fusion makes of products that a bias and a relu follow. */
import { biasAdd, conv2d, matmul, relu, type Tensor } from '../../index.ts';
import { type Array64, map } from '../arrays.ts';
import type { ConvParams } from '../convolution.ts';
import { type OpSpec, opSpec } from '../spec.ts';
import { biasAddSpec } from './biasAdd.ts';
import { conv2dSpec } from './conv2d.ts';
import { matmulSpec } from './matmul.ts';

const SUMS = 'sums of up to 301 products, a bias';

/** Of ops that are one kernel: the references of product and bias, one after the other. */
function withEpilogue<P>(
  product: OpSpec<P>,
  build: (a: Tensor, b: Tensor, params: P) => Tensor,
): Pick<OpSpec<P>, 'build' | 'forward' | 'backward' | 'tolerance'> {
  const biased = ([a, b, bias]: readonly Array64[], params: P) => {
    return biasAddSpec.forward([product.forward([a!, b!], params), bias!], {});
  };
  return {
    build: ([a, b, bias], params) => relu(biasAdd(build(a!, b!, params), bias!)),
    forward: (inputs, params) => map(biased(inputs, params), (v) => Math.max(v, 0)),
    backward: (inputs, dy, params) => {
      const z = biased(inputs, params);
      const dz = map(dy, (d, i) => (z.data[i]! > 0 ? d : 0));
      const [dproduct, dbias] = biasAddSpec.backward!([z, inputs[2]!], dz, {});
      return [...product.backward!(inputs.slice(0, 2), dproduct!, params), dbias];
    },
    tolerance: { forward: { error: 2e-5, why: SUMS } },
  };
}

const conv = (why: string, x: readonly number[], w: readonly number[]) => ({
  why,
  shapes: [x, w, [w[3]!]],
  params: {},
});

export const conv2dEpilogueSpec = opSpec<ConvParams>({
  ...withEpilogue(conv2dSpec, conv2d),
  name: 'conv2d with bias and relu',
  cases: [
    conv('whole tiles', [2, 5, 6, 3], [2, 3, 3, 8]),
    conv('rows', [2, 5, 9, 3], [2, 3, 3, 8]),
    conv('an odd number of filters', [2, 5, 6, 3], [2, 3, 3, 5]),
    conv('a long sum, vec4s', [1, 4, 5, 32], [3, 3, 32, 8]),
    conv('a long sum, odd', [1, 4, 5, 33], [3, 3, 33, 5]),
  ],
});

const dense = (why: string, m: number, k: number, n: number) => ({ why, shapes: [[m, k], [k, n], [n]], params: {} });

export const matmulEpilogueSpec = opSpec({
  ...withEpilogue(matmulSpec, matmul),
  name: 'matmul with bias and relu',
  cases: [
    dense('odd sizes', 5, 7, 6),
    dense('vec4s', 5, 8, 8),
    dense('a long sum in parts', 3, 301, 5),
    dense('more than a tile', 65, 17, 66),
  ],
});
