import { clipScale } from '../../index.ts';
import { array64 } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const clipScaleSpec = opSpec({
  name: 'clipScale',
  cases: [
    { why: 'a norm below the limit', shapes: [[1]], params: { x: 9, clipNorm: 3.5 } },
    { why: 'a norm at the limit', shapes: [[1]], params: { x: 9, clipNorm: 3 } },
    { why: 'a norm above the limit', shapes: [[1]], params: { x: 10, clipNorm: 0.1 } },
    { why: 'no gradient at all', shapes: [[1]], params: { x: 0, clipNorm: 1e-7 } },
  ],
  inputs: (_, __, { x }) => [array64([1], [x])],
  build: ([x], { clipNorm }) => clipScale(x!, { clipNorm }),
  forward: ([x], { clipNorm }) => array64([1], [clipNorm / Math.max(Math.sqrt(x!.data[0]!), clipNorm)]),
  tolerance: { forward: { error: 1e-6, why: 'a root and a division' } },
});
