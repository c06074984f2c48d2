import { biasAdd } from '../../index.ts';
import { map, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const biasAddSpec = opSpec({
  name: 'biasAdd',
  cases: [
    { why: 'one element', shapes: [[1], [1]], params: {} },
    { why: 'one axis', shapes: [[7], [7]], params: {} },
    { why: 'one channel: every element of a vec4 takes it', shapes: [[3, 5, 7, 1], [1]], params: {} },
    { why: 'a vec4 spans channels', shapes: [[2, 5, 3, 3], [3]], params: {} },
    { why: 'dense, partial vec4', shapes: [[5, 33], [33]], params: {} },
    { why: 'one vec4 of channels', shapes: [[9, 4], [4]], params: {} },
    { why: 'vec4s of channels, partial workgroup', shapes: [[2, 5, 3, 12], [12]], params: {} },
  ],
  build: ([x, b]) => biasAdd(x!, b!),
  forward: ([x, b]) => map(x!, (v, i) => v + b!.data[i % b!.data.length]!),
  backward: ([, b], dy) => {
    const db = zeros(b!.shape);
    for (let i = 0; i < dy.data.length; i++) db.data[i % db.data.length]! += dy.data[i]!;
    return [dy, db];
  },
  tolerance: {
    forward: { error: 1e-7, why: 'one rounding' },
    backward: { error: 1e-6, why: 'sums of up to 105 terms in float32' },
  },
});
