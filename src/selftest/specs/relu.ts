import { relu } from '../../index.ts';
import { map } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const reluSpec = opSpec({
  name: 'relu',
  cases: [
    { why: 'one element, less than a vec4', shapes: [[1]], params: {} },
    { why: 'odd sizes, partial vec4 and workgroup', shapes: [[3, 5, 7, 3]], params: {} },
  ],
  build: ([x]) => relu(x!),
  forward: ([x]) => map(x!, (v) => Math.max(v, 0)),
  backward: ([x], dy) => [map(dy, (d, i) => (Number.isNaN(x!.data[i]) ? Number.NaN : x!.data[i]! > 0 ? d : 0))],
  tolerance: { forward: { error: 0, why: 'a selection, no arithmetic' } },
});
