import { globalAvgPool2d } from '../../index.ts';
import { map, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const globalAvgPool2dSpec = opSpec({
  name: 'globalAvgPool2d',
  cases: [
    { why: 'one pixel', shapes: [[1, 1, 1, 1]], params: {} },
    { why: 'odd channels', shapes: [[3, 5, 7, 5]], params: {} },
    { why: 'vec4s of channels, more than one chunk', shapes: [[2, 9, 13, 32]], params: {} },
    { why: 'one row', shapes: [[2, 1, 31, 3]], params: {} },
  ],
  build: ([x]) => globalAvgPool2d(x!),
  forward: ([x]) => {
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    const y = zeros([n, c]);
    for (let i = 0; i < x!.data.length; i++) {
      y.data[Math.floor(i / (h * w * c)) * c + (i % c)]! += x!.data[i]! / (h * w);
    }
    return y;
  },
  backward: ([x], dy) => {
    const [, h, w, c] = x!.shape as [number, number, number, number];
    return [map(x!, (_, i) => dy.data[Math.floor(i / (h * w * c)) * c + (i % c)]! / (h * w))];
  },
  tolerance: { forward: { error: 2e-7, why: 'a mean of values below 1' } },
});
