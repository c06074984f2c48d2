import { sumOfSquares } from '../../index.ts';
import { array64, map } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const sumOfSquaresSpec = opSpec({
  name: 'sumOfSquares',
  cases: [
    { why: 'one element', shapes: [[1]], params: {} },
    { why: 'whole vec4s', shapes: [[2, 4]], params: {} },
    { why: 'three elements in the last vec4', shapes: [[7]], params: {} },
    { why: 'the longest that is one part', shapes: [[4, 16]], params: {} },
    { why: 'two parts, the last of one element', shapes: [[65]], params: {} },
    { why: 'more parts than a workgroup, summed in two passes', shapes: [[5, 33, 29]], params: {} },
  ],
  build: ([x]) => sumOfSquares(x!),
  forward: ([x]) => array64([1], [x!.data.reduce((sum, v) => sum + v * v, 0)]),
  backward: ([x], dy) => [map(x!, (v) => 2 * v * dy.data[0]!)],
  tolerance: {
    forward: { error: 1e-6, why: 'positive terms in short sums: parts of 64, then a tree' },
    backward: { error: 1e-6, why: 'two roundings' },
  },
});
