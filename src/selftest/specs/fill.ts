import { fill, graph } from '../../index.ts';
import { map, zeros } from '../arrays.ts';
import type { Check } from '../check.ts';
import { onDevice } from '../onDevice.ts';

const CASES = [
  { why: 'less than a vec4', shape: [1], value: 1 },
  { why: 'partial vec4 and workgroup', shape: [3, 5, 7, 3], value: -2.5 },
  { why: 'a whole number too large for plain digits', shape: [2], value: 1e30 },
  { why: 'the largest', shape: [2], value: 3.4028234663852886e38 },
  { why: 'small', shape: [5], value: 1e-7 },
  { why: 'zero', shape: [4], value: 0 },
];

export const fillChecks: readonly Check[] = CASES.map(({ why, shape, value }) => ({
  op: 'fill',
  title: `[${shape}] with ${value} (${why})`,
  prepare: () => async (device, choose) => {
    const g = graph();
    const y = fill(g, shape, value);
    const want = map(zeros(shape), () => Math.fround(value));
    const [got] = await onDevice(device, g, [y], choose, (session) => session.runAndRead([y]));
    return [{ what: 'y', got: got!, want, tolerance: { error: 0, why: 'nothing is computed' } }];
  },
}));
