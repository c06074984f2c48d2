import { weightedMean } from '../../index.ts';
import { array64, map, randomArray } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const weightedMeanSpec = opSpec({
  name: 'weightedMean',
  cases: [
    { why: 'one row', shapes: [[1], [1], [1]], params: { rows: 1 } },
    { why: 'whole vec4s', shapes: [[8], [8], [1]], params: { rows: 8 } },
    { why: 'a partial vec4, and padding rows', shapes: [[7], [7], [1]], params: { rows: 5 } },
    { why: 'more than a workgroup in the gradient', shapes: [[333], [333], [1]], params: { rows: 300 } },
  ],
  dtypes: ['f32', 'f32', 'u32'],
  inputs: ([values, weights], random, { rows }) => [
    randomArray(values!, random),
    map(randomArray(weights!, random), (w, i) => (i < rows ? w : 0)),
    array64([1], [rows]),
  ],
  build: ([values, weights, rows]) => weightedMean(values!, weights!, rows!),
  forward: ([values, weights], { rows }) =>
    array64(
      [1],
      [values!.data.reduce((sum, v, i) => sum + (weights!.data[i] === 0 ? 0 : v * weights!.data[i]!), 0) / rows],
    ),
  backward: ([values, weights], dy, { rows }) => [
    map(weights!, (w) => (w * dy.data[0]!) / rows),
    map(values!, (v) => (v * dy.data[0]!) / rows),
    undefined,
  ],
  tolerance: {
    forward: { error: 1e-6, why: 'a mean of up to 333 terms of absolute size below 1' },
    backward: { error: 1e-6, why: 'a few roundings' },
  },
});
