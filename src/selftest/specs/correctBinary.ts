import { correctBinary } from '../../index.ts';
import { array64, map, randomArray, randomIntegers } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const correctBinarySpec = opSpec<{ readonly nan?: boolean }>({
  name: 'correctBinary',
  cases: [
    { why: 'one row', shapes: [[1], [1]], params: {} },
    {
      why: 'a column, more than a workgroup of vec4s',
      shapes: [
        [263, 1],
        [263, 1],
      ],
      params: {},
    },
    { why: 'a column and a vector', shapes: [[7, 1], [7]], params: {} },
    { why: 'NaNs, which are not right', shapes: [[37], [37]], params: { nan: true } },
  ],
  inputs: ([logits, truth], random, { nan }) => [
    map(randomArray(logits!, random), (z, i) => (nan && i % 5 === 1 ? Number.NaN : z)),
    randomIntegers(truth!, 2, random),
  ],
  build: ([logits, truth]) => correctBinary(logits!, truth!),
  forward: ([logits, truth]) =>
    map(array64([logits!.shape[0]!], logits!.data), (z, i) => {
      const t = truth!.data[i]!;
      return !Number.isNaN(z + t) && z > 0 === t > 0.5 ? 1 : 0;
    }),
  tolerance: { forward: { error: 0, why: 'comparisons, no arithmetic' } },
});
