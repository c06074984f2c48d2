import { flatten, reshape } from '../../index.ts';
import { opSpec } from '../spec.ts';

export const reshapeSpec = opSpec<{ shape: number[] }>({
  name: 'reshape',
  cases: [
    { why: 'one element', shapes: [[1]], params: { shape: [1, 1] } },
    { why: 'fewer axes', shapes: [[2, 3, 5]], params: { shape: [6, 5] } },
    { why: 'more axes, across borders', shapes: [[6, 5]], params: { shape: [3, 2, 1, 5] } },
    { why: 'the same shape', shapes: [[3, 5]], params: { shape: [3, 5] } },
  ],
  build: ([x], { shape }) => reshape(x!, shape),
  forward: ([x], { shape }) => ({ shape, data: x!.data }),
  backward: ([x], dy) => [{ shape: x!.shape, data: dy.data }],
  tolerance: { forward: { error: 0, why: 'no arithmetic' } },
});

export const flattenSpec = opSpec({
  name: 'flatten',
  cases: [
    { why: 'one element', shapes: [[1]], params: {} },
    { why: 'images', shapes: [[3, 5, 7, 3]], params: {} },
    { why: 'flat already', shapes: [[3, 5]], params: {} },
    { why: 'one axis gets a second', shapes: [[5]], params: {} },
  ],
  build: ([x]) => flatten(x!),
  forward: ([x]) => ({ shape: [x!.shape[0]!, x!.data.length / x!.shape[0]!], data: x!.data }),
  backward: ([x], dy) => [{ shape: x!.shape, data: dy.data }],
  tolerance: { forward: { error: 0, why: 'no arithmetic' } },
});
