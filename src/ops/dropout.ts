import source from '../../shaders/dropout.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import { checkOptions } from '../options.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

const shader = { name: 'dropout', source };

export interface DropoutOptions {
  /** Fraction of elements that become 0, from 0 up to but not including 1. */
  readonly rate: number;
  /** An integer from 0 to 2^32 - 1, a different one for each dropout of a step, so that each has another mask. */
  readonly salt: number;
}

const op: Op<DropoutOptions> = {
  name: 'dropout',
  outputs: ([x, seed]) => {
    expectDType('dropout', x!, 'f32');
    expectDType('dropout: seed', seed!, 'u32');
    if (!sameShape(seed!.shape, [1])) {
      throw new ShapeError(`dropout: the seed must have shape [1], got ${formatShape(seed!.shape)}.`);
    }
    return [{ shape: x!.shape }];
  },
  dispatches: ({ inputs: [x, seed], outputs: [y], attributes: { rate, salt } }) => [
    {
      shader,
      entryPoint: 'forward',
      constants: { N: vec4s(x!), SCALE: 1 / (1 - rate), THRESHOLD: Math.floor(rate * 2 ** 32), SALT: salt },
      reads: { x: x!, seed: seed! },
      writes: { y: y! },
      workgroups: flatGrid(vec4s(x!), WORKGROUP),
    },
  ],
  // The map is linear and diagonal, so it is its own gradient.
  backward: ({ inputs: [, seed], attributes }, [dy]) => [apply1(op, [dy!, seed!], attributes), undefined],
};

/**
 * Inverted dropout: each element of x, of any shape, becomes 0 with probability `rate`, otherwise it is multiplied by 1
 * / (1 - rate), so the expected value does not change. The choice depends only on (seed, salt, index of the element);
 * shaders/dropout.wgsl has the hash. With rate 0 the result is x itself. Source: Srivastava et al., "Dropout: a simple
 * way to prevent neural networks from overfitting" (JMLR 15, 2014).
 * @param seed `u32 [1]`, an input that the host changes every step
 * @throws ArgumentError if the rate is not in [0, 1) or the salt is no 32-bit integer
 * @throws ShapeError if the seed is not u32 of shape [1]
 */
export function dropout(x: Tensor, seed: Tensor, options: DropoutOptions): Tensor {
  const { rate, salt } = checkOptions('dropout', options, { rate: 'decay', salt: 'countFrom0' }, true);
  if (salt >= 2 ** 32) throw new ArgumentError(`dropout: salt must be below 2^32, got ${salt}.`);
  return rate === 0 ? x : apply1(op, [x, seed], { rate, salt });
}
