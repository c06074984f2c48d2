import { avgPool2d } from '../../src/index.ts';
import { zeros } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { checkPoolErrors, type PoolParams, poolCases, poolWindows, tfPool } from '../support/pool.ts';

checkOp<PoolParams>({
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
  // TensorFlow.js' gradient divides by the window's size, padding counted, unlike its value and unlike TensorFlow.
  oracleForwardOnly: ({ padding }) => padding !== undefined,
  oracle: (tf, [x], params) => tf.avgPool(x as never, ...tfPool(params)),
  tolerance: { forward: { error: 5e-7, why: 'up to sixteen terms, none above 1' } },
});

checkPoolErrors('avgPool2d', avgPool2d);
