import { avgPool2d } from '../../index.ts';
import { zeros } from '../arrays.ts';
import { type PoolParams, poolCases, poolWindows } from '../pool.ts';
import { opSpec } from '../spec.ts';

export const avgPool2dSpec = opSpec<PoolParams>({
  name: 'avgPool2d',
  cases: poolCases,
  build: ([x], params) => avgPool2d(x!, params),
  forward: ([x], params) => {
    const { shape, windows } = poolWindows(x!.shape, params);
    const mean = (taps: (typeof windows)[number]) =>
      taps.reduce((sum, { index }) => sum + x!.data[index]!, 0) / taps.length;
    return { shape, data: Float64Array.from(windows, mean) };
  },
  backward: ([x], dy, params) => {
    const dx = zeros(x!.shape);
    poolWindows(x!.shape, params).windows.forEach((taps, o) => {
      for (const { index } of taps) dx.data[index]! += dy.data[o]! / taps.length;
    });
    return [dx];
  },
  tolerance: { forward: { error: 5e-7, why: 'up to sixteen terms, none above 1' } },
});
