/** Batch normalization with the statistics of the batch, for training, and its gradient. */
import source from '../../shaders/batchNormTraining.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply, apply1, type Dispatch, expectDType, flatGrid, type Op } from '../graph.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import {
  type BatchNormOptions,
  type Cut,
  channelGroups,
  checkChannels,
  chunks,
  epsilonOf,
  tiles,
} from './batchNorm.ts';
import { WORKGROUP } from './elementwise.ts';

const shader = { name: 'batchNormTraining', source };

interface Attributes {
  readonly epsilon: number;
}

/** A dispatch of one of the shader's entry points for `x`, over parts of `x` or over its channels. */
function launch(
  entryPoint: string,
  x: Tensor,
  epsilon: number,
  tensors: Pick<Dispatch, 'reads' | 'writes'>,
  cut: Cut,
  invocations: number,
): Dispatch {
  const ROWS = x.shape[0]!;
  return {
    shader,
    entryPoint,
    constants: {
      ...channelGroups(x),
      ROWS,
      ROW_ELEMENTS: elements(x.shape) / ROWS,
      CHUNKS: cut.count,
      LENGTH: cut.length,
      EPSILON: epsilon,
    },
    ...tensors,
    workgroups: flatGrid(invocations, WORKGROUP),
  };
}

/** The dispatches of a reduction of x: the first writes partial results of chunks, the second combines them by channel. */
function twoSteps(
  x: Tensor,
  epsilon: number,
  first: { entryPoint: string; reads: Record<string, Tensor> },
  partial: Tensor,
  second: { entryPoint: string; reads: Record<string, Tensor>; writes: Record<string, Tensor> },
): Dispatch[] {
  const groups = channelGroups(x);
  const cut = chunks(groups);
  return [
    launch(first.entryPoint, x, epsilon, { reads: first.reads, writes: { partial } }, cut, cut.count * groups.Q),
    launch(
      second.entryPoint,
      x,
      epsilon,
      { reads: { ...second.reads, partial_saved: partial }, writes: second.writes },
      cut,
      groups.C,
    ),
  ];
}

/** The dispatch of an element-wise pass over x. */
function elementwise(
  entryPoint: string,
  x: Tensor,
  epsilon: number,
  reads: Record<string, Tensor>,
  writes: Record<string, Tensor>,
): Dispatch {
  const groups = channelGroups(x);
  const cut = tiles(groups);
  return launch(entryPoint, x, epsilon, { reads, writes }, cut, cut.count * groups.Q);
}

/** Shape of the partial results: `each` vec4s for every chunk and every vec4 of a group. */
function partialShape(x: Tensor, each: number): readonly number[] {
  const groups = channelGroups(x);
  return [chunks(groups).count, groups.Q, each, 4];
}

const op: Op<Attributes> = {
  name: 'batchNormTraining',
  outputs: ([x, gamma, beta, rows]) => {
    checkChannels('batchNormTraining', x!, { gamma: gamma!, beta: beta! });
    if (x!.shape.length < 2) {
      throw new ShapeError(`batchNormTraining: x must be [n, ..., c], got ${formatShape(x!.shape)}.`);
    }
    expectDType('batchNormTraining: rows', rows!, 'u32');
    if (!sameShape(rows!.shape, [1])) {
      throw new ShapeError(`batchNormTraining: rows must have shape [1], got ${formatShape(rows!.shape)}.`);
    }
    return [{ shape: x!.shape }, { shape: gamma!.shape, name: 'mean' }, { shape: gamma!.shape, name: 'variance' }];
  },
  scratch: ([x]) => [{ shape: partialShape(x!, 4), name: 'partial' }],
  dispatches: ({ inputs, outputs: [y, mean, variance], scratch: [partial], attributes: { epsilon } }) => {
    const [x, gamma, beta, rows] = inputs as [Tensor, Tensor, Tensor, Tensor];
    return [
      ...twoSteps(x, epsilon, { entryPoint: 'statistics', reads: { x, rows } }, partial!, {
        entryPoint: 'combineStatistics',
        reads: { rows },
        writes: { new_mean: mean!, new_variance: variance! },
      }),
      elementwise('normalize', x, epsilon, { x, rows, mean: mean!, variance: variance!, gamma, beta }, { y: y! }),
    ];
  },
  backward: ({ inputs, outputs, attributes }, [dy, dmean, dvariance]) => {
    if (!dy || dmean || dvariance) {
      throw new ArgumentError('batchNormTraining: mean and variance have no gradient; only y may be differentiated.');
    }
    const [x, gamma, , rows] = inputs as [Tensor, Tensor, Tensor, Tensor];
    const [, mean, variance] = outputs as [Tensor, Tensor, Tensor];
    const [dgamma, dbeta, coefficients] = apply(sumsOp, [dy, x, gamma, mean, variance, rows], attributes);
    return [apply1(gradientOp, [dy, x, coefficients!, rows], attributes), dgamma, dbeta, undefined];
  },
};

/** Computes dgamma, dbeta, and for each channel the coefficients of dx. */
const sumsOp: Op<Attributes> = {
  name: 'batchNormTrainingSums',
  outputs: ([, , gamma]) => [
    { shape: gamma!.shape, name: 'dgamma' },
    { shape: gamma!.shape, name: 'dbeta' },
    { shape: [...gamma!.shape, 4], name: 'coefficients' },
  ],
  scratch: ([, x]) => [{ shape: partialShape(x!, 2), name: 'partial' }],
  dispatches: ({ inputs, outputs: [dgamma, dbeta, coefficients], scratch: [partial], attributes: { epsilon } }) => {
    const [dy, x, gamma, mean, variance, rows] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
    return twoSteps(x, epsilon, { entryPoint: 'sums', reads: { dy, x, mean, variance, rows } }, partial!, {
      entryPoint: 'combineSums',
      reads: { gamma, mean, variance, rows },
      writes: { dgamma: dgamma!, dbeta: dbeta!, new_coefficients: coefficients! },
    });
  },
};

const gradientOp: Op<Attributes> = {
  name: 'batchNormTrainingGrad',
  outputs: ([, x]) => [{ shape: x!.shape }],
  dispatches: ({ inputs, outputs: [dx], attributes: { epsilon } }) => {
    const [dy, x, coefficients, rows] = inputs as [Tensor, Tensor, Tensor, Tensor];
    return [elementwise('backward', x, epsilon, { dy, x, coefficients, rows }, { dx: dx! })];
  },
};

/**
 * Batch normalization with the statistics of the batch: y = (x - mean) / sqrt(variance + epsilon) gamma + beta. Mean
 * and (biased) variance of each channel are taken over all axes but the last, and only over the first `rows` entries of
 * axis 0. In the other entries, the padding of a partial batch, y and the gradient of x are 0. Source: Ioffe, Szegedy,
 * "Batch normalization" (arXiv 1502.03167); the sums are described in shaders/batchNormTraining.wgsl.
 * @param x `[n, ..., c]`
 * @param gamma `[c]`
 * @param beta `[c]`
 * @param rows `u32 [1]`, the number of entries of axis 0 that are not padding; more than n means n
 * @returns y of x's shape; mean and variance `[c]`, for running averages: they have no gradient, and asking for one
 *   throws
 * @throws ShapeError if shapes or dtypes do not fit
 * @throws ArgumentError unless epsilon is above 0
 */
export function batchNormTraining(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  rows: Tensor,
  options: BatchNormOptions = {},
): { y: Tensor; mean: Tensor; variance: Tensor } {
  const epsilon = epsilonOf('batchNormTraining', options);
  const [y, mean, variance] = apply(op, [x, gamma, beta, rows], { epsilon });
  return { y: y!, mean: mean!, variance: variance! };
}
