import source from '../../shaders/copy.wgsl?raw';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

const shader = { name: 'copy', source };

export const copyOp: Op<undefined> = {
  name: 'copy',
  outputs: ([x]) => {
    expectDType('copy', x!, 'f32');
    return [{ shape: x!.shape }];
  },
  dispatches: ({ inputs: [x], outputs: [y] }) => [
    {
      shader,
      entryPoint: 'forward',
      constants: { N: vec4s(x!) },
      reads: { x: x! },
      writes: { y: y! },
      workgroups: flatGrid(vec4s(x!), WORKGROUP),
    },
  ],
  backward: (_, [dy]) => [dy],
};

/** A copy, for instance of a variable before its update. */
export function copy(x: Tensor, ...more: Passed): Tensor {
  return apply1(copyOp, [x], undefined, more);
}
