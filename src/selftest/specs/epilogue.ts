/** Specs of products that fusion joins with a bias and an activation. */
import { biasAdd, type MatmulOptions } from '../../index.ts';
import type { Array64 } from '../arrays.ts';
import type { ConvParams } from '../convolution.ts';
import { type OpSpec, opSpec } from '../spec.ts';
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

/** The activations that a product's kernel can apply to its result. */
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

/** Build function and references of such a fused op: product, bias and activation, one after another. */
function withEpilogue<P extends object>(
  product: OpSpec<P>,
): Pick<OpSpec<P & Epilogue>, 'build' | 'forward' | 'backward' | 'tolerance'> {
  const of = ({ activation }: Epilogue): OpSpec<object> => ACTIVATIONS[activation];
  const biased = ([a, b, bias]: readonly Array64[], params: P) => {
    return biasAddSpec.forward([product.forward([a!, b!], params), bias!], {});
  };
  return {
    build: ([a, b, bias], params) => {
      const { activation, predict, ...options } = params;
      return of(params).build([biasAdd(product.build([a!, b!], options as unknown as P), bias!)], {});
    },
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

/** The activation that is tested with several sizes and all kernels. The others are tested with one size. */
const RELU = { activation: 'relu' } as const;

/** Each of the others, with gradients, and without where these keep product and activation apart. */
const others: readonly Epilogue[] = epilogueActivations
  .filter((activation) => activation !== 'relu')
  .flatMap((activation): Epilogue[] => [
    { activation },
    ...(activation === 'gelu' || activation === 'softplus' ? [{ activation, predict: true } as const] : []),
  ]);

const conv = (why: string, x: readonly number[], w: readonly number[], params: Epilogue = RELU) => ({
  why,
  params,
  shapes: [x, w, [w[3]!]],
});

export const conv2dEpilogueSpec = opSpec<ConvParams & Epilogue>({
  ...withEpilogue(conv2dSpec),
  name: 'conv2d with bias and activation',
  cases: [
    conv('whole tiles', [2, 5, 6, 3], [2, 3, 3, 8]),
    conv('rows', [2, 5, 9, 3], [2, 3, 3, 8]),
    conv('an odd number of filters', [2, 5, 6, 3], [2, 3, 3, 5]),
    conv('a long sum, vec4s', [1, 4, 5, 32], [3, 3, 32, 8]),
    conv('a long sum, odd', [1, 4, 5, 33], [3, 3, 33, 5]),
    ...others.map((params) => conv('rows', [2, 5, 9, 3], [2, 3, 3, 8], params)),
  ],
});

const dense = <P>(why: string, m: number, k: number, n: number, params: P) => ({
  why,
  params,
  shapes: [[m, k], [k, n], [n]],
});

export const matmulEpilogueSpec = opSpec<MatmulOptions & Epilogue>({
  ...withEpilogue(matmulSpec),
  name: 'matmul with bias and activation',
  cases: [
    dense('odd sizes', 5, 7, 6, RELU),
    dense('vec4s', 5, 8, 8, RELU),
    dense('a long sum in parts', 3, 301, 5, RELU),
    dense('more than a tile', 65, 17, 66, RELU),
    ...others.map((params) => dense('odd sizes', 5, 7, 6, { ...params, kernel: 'tiled' as const })),
    // The workgroup kernels take long to compile, so they run without gradients, which do not depend on the product's kernel.
    ...others
      .filter(({ predict }) => !predict)
      .map((params) =>
        dense('odd sizes', 5, 7, 6, { ...params, predict: true as const, kernel: 'workgroup64' as const }),
      ),
  ],
});
