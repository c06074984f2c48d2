import { maxPool2d } from '../../index.ts';
import { type Array64, exceeds, zeros } from '../arrays.ts';
import { distinct, type PoolParams, poolCases, poolWindows, type Tap } from '../pool.ts';
import { opSpec } from '../spec.ts';

/** The first of the largest taps of each window. */
function choices(x: Array64, params: PoolParams): { shape: readonly number[]; chosen: Tap[] } {
  const { shape, windows } = poolWindows(x.shape, params);
  const value = ({ index }: Tap) => x.data[index]!;
  return {
    shape,
    chosen: windows.map((taps) => taps.reduce((best, t) => (exceeds(value(t), value(best)) ? t : best))),
  };
}

export const maxPool2dSpec = opSpec<PoolParams>({
  name: 'maxPool2d',
  cases: poolCases,
  // No ties, which are kinks; they are tested below.
  inputs: (shapes, random) => shapes.map((shape) => distinct(shape, random)),
  build: ([x], params) => maxPool2d(x!, params),
  forward: ([x], params) => {
    const { shape, chosen } = choices(x!, params);
    return { shape, data: Float64Array.from(chosen, ({ index }) => x!.data[index]!) };
  },
  backward: ([x], dy, params) => {
    const dx = zeros(x!.shape);
    choices(x!, params).chosen.forEach(({ index }, o) => {
      dx.data[index]! += dy.data[o]!;
    });
    return [dx];
  },
  tolerance: {
    forward: { error: 0, why: 'a selection, no arithmetic' },
    backward: { error: 5e-7, why: 'up to nine terms' },
  },
});
