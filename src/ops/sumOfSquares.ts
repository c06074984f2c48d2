import source from '../../shaders/sumOfSquares.wgsl?raw';
import { apply1, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Passed } from '../options.ts';
import { elements, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';
import { sum } from './reduce.ts';

const shader = { name: 'sumOfSquares', source };

/** Least number of vec4s in a part: shorter parts would cost more in the second pass than they gain. */
const SHORTEST_PART = 16;
/** Largest number of invocations: this many keep a device busy. */
const MOST_PARTS = 8192;

function parts(x: Tensor): number {
  return Math.min(Math.ceil(vec4s(x) / SHORTEST_PART), MOST_PARTS);
}

function launch(
  { inputs: [x] }: OpNode<undefined>,
  entryPoint: string,
  more: Record<string, Tensor>,
  writes: Record<string, Tensor>,
  invocations: number,
) {
  const n = vec4s(x!);
  const constants = { N: n, TAIL: elements(x!.shape) - 4 * (n - 1), PARTS: parts(x!) };
  return [
    { shader, entryPoint, constants, reads: { x: x!, ...more }, writes, workgroups: flatGrid(invocations, WORKGROUP) },
  ];
}

const gradient: Op<undefined> = {
  name: 'sumOfSquaresGrad',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches: (node) => {
    const dy = node.inputs[1]!;
    return launch(node, 'backward', { dy }, { dx: node.outputs[0]! }, vec4s(node.inputs[0]!));
  },
};

/** The output has a partial sum for each part. */
const op: Op<undefined> = {
  name: 'sumOfSquares',
  outputs: ([x]) => {
    expectDType('sumOfSquares', x!, 'f32');
    return [{ shape: [parts(x!)] }];
  },
  dispatches: (node) => launch(node, 'forward', {}, { y: node.outputs[0]! }, parts(node.inputs[0]!)),
  backward: ({ inputs: [x] }, [dy]) => [apply1(gradient, [x!, dy!], undefined)],
};

/** The sum of the squares of all elements, `[1]`: the square of a norm, or a penalty on weights. */
export function sumOfSquares(x: Tensor, ...more: Passed): Tensor {
  const partial = apply1(op, [x], undefined, more);
  return partial.shape[0] === 1 ? partial : sum(partial);
}
