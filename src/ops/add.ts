import source from '../../shaders/add.wgsl?raw';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import { broadcastShapes, elements, type Tensor } from '../tensor.ts';
import { broadcastConstants } from './broadcast.ts';
import { WORKGROUP } from './elementwise.ts';
import { sumTo } from './reduce.ts';

const shader = { name: 'add', source };

const op: Op<undefined> = {
  name: 'add',
  outputs: ([a, b]) => {
    expectDType('add', a!, 'f32');
    expectDType('add', b!, 'f32');
    return [{ shape: broadcastShapes('add', a!.shape, b!.shape) }];
  },
  dispatches: ({ inputs: [a, b], outputs: [y] }) => [
    {
      shader,
      entryPoint: 'forward',
      constants: broadcastConstants('add', a!.shape, b!.shape),
      reads: { a: a!, b: b! },
      writes: { y: y! },
      workgroups: flatGrid(elements(y!.shape), WORKGROUP),
    },
  ],
  backward: ({ inputs: [a, b] }, [dy]) => [sumTo(dy!, a!.shape), sumTo(dy!, b!.shape)],
};

/** a + b, with NumPy broadcasting. */
export function add(a: Tensor, b: Tensor): Tensor {
  return apply1(op, [a, b], undefined);
}
