import source from '../../shaders/fill.wgsl?raw';
import { flatGrid, type Graph, type Op } from '../graph.ts';
import { check } from '../options.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

const shader = { name: 'fill', source };

export const fillOp: Op<{ readonly shape: Shape; readonly value: number }> = {
  name: 'fill',
  outputs: (_, { shape }) => [{ shape }],
  dispatches: ({ outputs: [y], attributes }) => [
    {
      shader,
      entryPoint: 'forward',
      constants: { N: vec4s(y!), VALUE: attributes.value },
      reads: {},
      writes: { y: y! },
      workgroups: flatGrid(vec4s(y!), WORKGROUP),
    },
  ],
};

/** A tensor whose elements all equal `value`. @throws ArgumentError for a value that float32 cannot hold */
export function fill(graph: Graph, shape: Shape, value: number): Tensor {
  check('fill', 'graph', graph, 'record');
  check('fill', 'value', value, 'number');
  return graph.apply(fillOp, [], { shape, value })[0]!;
}
