import source from '../../shaders/biasAdd.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';
import { sumTo } from './reduce.ts';

const shader = { name: 'biasAdd', source };

export const biasAddOp: Op<undefined> = {
  name: 'biasAdd',
  outputs: ([x, b]) => {
    expectDType('biasAdd', x!, 'f32');
    expectDType('biasAdd', b!, 'f32');
    if (b!.shape.length !== 1 || b!.shape[0] !== x!.shape.at(-1)) {
      throw new ShapeError(
        `biasAdd: the bias must have one element for each channel, the last axis of ${formatShape(x!.shape)}; ` +
          `got ${formatShape(b!.shape)}.`,
      );
    }
    return [{ shape: x!.shape }];
  },
  dispatches: ({ inputs: [x, b], outputs: [y] }) => {
    const channels = b!.shape[0]!;
    const whole = channels % 4 === 0;
    return [
      {
        shader,
        entryPoint: whole ? 'forward4' : 'forward',
        constants: { N: vec4s(y!), C: whole ? channels / 4 : channels },
        reads: { x: x!, [whole ? 'b4' : 'b']: b! },
        writes: { y: y! },
        workgroups: flatGrid(vec4s(y!), WORKGROUP),
      },
    ];
  },
  backward: ({ inputs: [, b] }, [dy]) => [dy!, sumTo(dy!, b!.shape)],
};

/**
 * Adds a bias to each channel.
 * @param x `[..., c]`
 * @param b `[c]`
 * @throws ShapeError if b is not `[c]`, or one of them is not f32
 */
export function biasAdd(x: Tensor, b: Tensor, ...more: Passed): Tensor {
  return apply1(biasAddOp, [x, b], undefined, more);
}
