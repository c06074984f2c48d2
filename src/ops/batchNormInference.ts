/** Batch normalization with given statistics: for prediction, and for training with a frozen layer. */
import source from '../../shaders/batchNormInference.wgsl?raw';
import { apply1, flatGrid, graphOf, type Op } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import { type BatchNormOptions, channelGroups, checkChannels, epsilonOf, tiles } from './batchNorm.ts';
import { WORKGROUP } from './elementwise.ts';
import { fill } from './fill.ts';
import { mul } from './mul.ts';
import { sumTo } from './reduce.ts';

const shader = { name: 'batchNormInference', source };

const op: Op<{ readonly epsilon: number }> = {
  name: 'batchNormInference',
  outputs: ([x, gamma, beta, mean, variance]) => {
    checkChannels('batchNormInference', x!, { gamma: gamma!, beta: beta!, mean: mean!, variance: variance! });
    return [{ shape: x!.shape }];
  },
  dispatches: ({ inputs, outputs: [y], attributes: { epsilon } }) => {
    const [x, gamma, beta, mean, variance] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const groups = channelGroups(x);
    const { count, length } = tiles(groups);
    return [
      {
        shader,
        entryPoint: 'forward',
        constants: { ...groups, TILES: count, LENGTH: length, EPSILON: epsilon },
        reads: { x, gamma, beta, mean, variance },
        writes: { y: y! },
        workgroups: flatGrid(count * groups.Q, WORKGROUP),
      },
    ];
  },
  // The op itself, with constants as some of its inputs, computes dx, and xhat for dgamma. The planner drops gradients
  // that are not used: for a frozen layer only dx remains.
  backward: ({ inputs, attributes }, [dy]) => {
    const [x, gamma, beta, mean, variance] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const zeros = fill(graphOf(x), gamma.shape, 0);
    const ones = fill(graphOf(x), gamma.shape, 1);
    const dx = batchNormInference(dy!, gamma, zeros, zeros, variance, attributes);
    const xhat = batchNormInference(x, ones, zeros, mean, variance, attributes);
    return [dx, sumTo(mul(dy!, xhat), gamma.shape), sumTo(dy!, beta.shape), undefined, undefined];
  },
};

/**
 * Batch normalization with given statistics, y = (x - mean) / sqrt(variance + epsilon) gamma + beta, for prediction and
 * for training with a frozen layer. x, gamma and beta have gradients.
 * @param x `[..., c]`; gamma, beta, mean and variance are `[c]`
 * @throws ShapeError if shapes or dtypes do not fit
 * @throws ArgumentError unless epsilon is above 0
 */
export function batchNormInference(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  mean: Tensor,
  variance: Tensor,
  options: BatchNormOptions = {},
): Tensor {
  const epsilon = epsilonOf('batchNormInference', options);
  return apply1(op, [x, gamma, beta, mean, variance], { epsilon });
}
