/** What fusion makes of products that a bias and an activation follow. */
import { biasAdd } from '../../index.ts';
import type { Array64 } from '../arrays.ts';
import type { ConvParams } from '../convolution.ts';
import { type OpCase, type OpSpec, opSpec } from '../spec.ts';
import { biasAddSpec } from './biasAdd.ts';
import { conv2dSpec } from './conv2d.ts';
import { eluSpec } from './elu.ts';
import { geluSpec } from './gelu.ts';
import { leakyReluSpec } from './leakyRelu.ts';
import { matmulSpec } from './matmul.ts';
import { reluSpec } from './relu.ts';
import { sigmoidSpec } from './sigmoid.ts';
import { softplusSpec } from './softplus.ts';
import { tanhSpec } from './tanh.ts';

/** Of the activations that a product's kernel can apply to what it stores. */
const ACTIVATIONS = {
  relu: reluSpec,
  leakyRelu: leakyReluSpec,
  elu: eluSpec,
  sigmoid: sigmoidSpec,
  tanh: tanhSpec,
  gelu: geluSpec,
  softplus: softplusSpec,
} satisfies Record<string, OpSpec<object>>;

type ActivationName = keyof typeof ACTIVATIONS;

export const epilogueActivations = Object.keys(ACTIVATIONS) as ActivationName[];

interface Epilogue {
  readonly activation: ActivationName;
  /** Without gradients. Some need the sum itself, which then is written, and the activation is a kernel of its own. */
  readonly predict?: true;
}

/** Of ops that are one kernel: the references of product, bias and activation, one after the other. */
function withEpilogue<P>(
  product: OpSpec<P>,
): Pick<OpSpec<P & Epilogue>, 'build' | 'forward' | 'backward' | 'tolerance'> {
  const of = ({ activation }: Epilogue): OpSpec<object> => ACTIVATIONS[activation];
  const biased = ([a, b, bias]: readonly Array64[], params: P) => {
    return biasAddSpec.forward([product.forward([a!, b!], params), bias!], {});
  };
  return {
    build: ([a, b, bias], params) => of(params).build([biasAdd(product.build([a!, b!], params), bias!)], {}),
    forward: (inputs, params) => of(params).forward([biased(inputs, params)], {}),
    backward: (inputs, dy, params) => {
      if (params.predict) return [];
      const z = biased(inputs, params);
      const [dz] = of(params).backward!([z], dy, {});
      const [dproduct, dbias] = biasAddSpec.backward!([z, inputs[2]!], dz!, {});
      return [...product.backward!(inputs.slice(0, 2), dproduct!, params), dbias];
    },
    tolerance: {
      forward: { error: 2e-5, why: 'sums of up to 301 products, a bias, a function of a slope of about 1' },
    },
  };
}

/** A case with each of the activations, and without gradients where these keep product and activation apart. */
function withEach({ why, shapes }: Pick<OpCase<unknown>, 'why' | 'shapes'>): OpCase<Epilogue>[] {
  return epilogueActivations.flatMap((activation) => [
    { why, shapes, params: { activation } },
    ...(activation === 'gelu' || activation === 'softplus'
      ? [{ why, shapes, params: { activation, predict: true as const } }]
      : []),
  ]);
}

const withRelu = (c: Pick<OpCase<unknown>, 'why' | 'shapes'>) => ({ ...c, params: { activation: 'relu' as const } });

const conv = (why: string, x: readonly number[], w: readonly number[]) => ({ why, shapes: [x, w, [w[3]!]] });

export const conv2dEpilogueSpec = opSpec<ConvParams & Epilogue>({
  ...withEpilogue(conv2dSpec),
  name: 'conv2d with bias and activation',
  cases: [
    ...withEach(conv('rows', [2, 5, 9, 3], [2, 3, 3, 8])),
    ...[
      conv('whole tiles', [2, 5, 6, 3], [2, 3, 3, 8]),
      conv('an odd number of filters', [2, 5, 6, 3], [2, 3, 3, 5]),
      conv('a long sum, vec4s', [1, 4, 5, 32], [3, 3, 32, 8]),
      conv('a long sum, odd', [1, 4, 5, 33], [3, 3, 33, 5]),
    ].map(withRelu),
  ],
});

const dense = (why: string, m: number, k: number, n: number) => ({ why, shapes: [[m, k], [k, n], [n]] });

export const matmulEpilogueSpec = opSpec<Epilogue>({
  ...withEpilogue(matmulSpec),
  name: 'matmul with bias and activation',
  cases: [
    ...withEach(dense('odd sizes', 5, 7, 6)),
    ...[dense('vec4s', 5, 8, 8), dense('a long sum in parts', 3, 301, 5), dense('more than a tile', 65, 17, 66)].map(
      withRelu,
    ),
  ],
});
