import { graph, movingAverage, nonFinite, nonFiniteIn, type Variable } from '../../index.ts';
import { array64 } from '../arrays.ts';
import type { Check } from '../check.ts';
import { feed, onDevice } from '../onDevice.ts';

const EXACT = { error: 0, why: 'bits are compared, nothing is computed' };
const LENGTH = 4099; // several parts, and no whole vec4s

/** The value to plant, its place, and the expected report: tensor, element, and 1 for a NaN. */
const CASES = [
  { title: 'all is finite', value: 0, at: [], want: [-1, -1, 0] },
  { title: 'a NaN', value: Number.NaN, at: [[1, 0]], want: [1, 0, 1] },
  {
    title: 'an infinity in the last element',
    value: Number.POSITIVE_INFINITY,
    at: [[1, LENGTH - 1]],
    want: [1, LENGTH - 1, 0],
  },
  { title: 'the first of several', value: Number.NEGATIVE_INFINITY, at: [[1, 77], [0, 2049], [0, 2050]], want: [0, 2049, 0] }, // biome-ignore format: a line a case
] as const;

/** Checks that the planted value is found, and that a moving average is then not updated. */
export const nonFiniteChecks: readonly Check[] = CASES.map(({ title, value, at, want }) => ({
  op: 'nonFinite',
  title,
  prepare: () => async (device, choose) => {
    const g = graph();
    const state: Variable = { name: 'state', shape: [3], dtype: 'u32' };
    const average: Variable = { name: 'average', shape: [5], dtype: 'f32' };
    const xs = [0, 1].map((i) => g.input(`x${i}`, [LENGTH]));
    const [found, held] = [g.variable(state), g.variable(average)];
    const scaling = nonFinite(found, xs);
    movingAverage(held, g.input('ones', [5]), { momentum: 0.5 }, scaling);
    const got = await onDevice(device, g, [], choose, async (session) => {
      xs.forEach((x, i) => {
        const data = Float32Array.from({ length: LENGTH }, (_, k) => Math.sin(k));
        for (const [tensor, element] of at) if (tensor === i) data[element] = value;
        feed(session, x, data);
      });
      feed(session, g.inputs.find(({ name }) => name === 'ones')!, new Float32Array(5).fill(1));
      session.run();
      const { tensor = -1, element = -1, value: kind } = nonFiniteIn((await session.read(found)) as Uint32Array) ?? {};
      return [tensor, element, kind === 'NaN' ? 1 : 0, ...(await session.read(held))];
    });
    const moved = at.length === 0 ? 0.5 : 0;
    const all = [...want, moved, moved, moved, moved, moved];
    return [{ what: 'tensor, element, NaN, average', got, want: array64([8], all), tolerance: EXACT }];
  },
}));
