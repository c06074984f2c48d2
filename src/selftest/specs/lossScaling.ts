/** Spec of lossScaling: the scale over several steps, with finite and other gradients. */
import { graph, lossScale, lossScaling } from '../../index.ts';
import { array64, size } from '../arrays.ts';
import type { Check } from '../check.ts';
import { feed, onDevice } from '../onDevice.ts';

interface State {
  scale: number;
  steps: number;
}

/** The state after a step. */
function rule({ scale, steps }: State, finite: boolean, interval: number): State {
  if (!finite) return { scale: Math.max(scale / 2, 2 ** -24), steps: 0 };
  if (steps + 1 < interval) return { scale, steps: steps + 1 };
  return { scale: Math.min(scale * 2, 2 ** 24), steps: 0 };
}

/** Undefined for finite gradients; otherwise the gradient, the element and the value there. */
type Step = readonly [gradient: number, element: number, number: number] | undefined;

const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

/** Element-wise loads: no vec4; more than one group of six gradients; more elements than invocations times workgroups. */
const SHAPES = [[3], [1], [7, 19], [2, 3, 5], [4], [9], [2], [5, 60, 61]];

const CASES: readonly { why: string; steps: readonly Step[]; interval: number; initial: number }[] = [
  { why: 'finite steps double the scale', steps: Array(7).fill(undefined), interval: 3, initial: 2 ** 15 },
  {
    why: 'each kind of number, at first and last elements of first and last gradients',
    steps: [
      [0, 0, NAN],
      [0, 2, INF],
      undefined,
      [7, 18299, -INF],
      [7, 64, NAN],
      undefined,
      undefined,
      undefined,
      [5, 8, INF],
      [6, 1, NAN],
      [2, 132, INF],
    ],
    interval: 2,
    initial: 1024,
  },
  { why: 'the largest scale', steps: Array(3).fill(undefined), interval: 1, initial: 2 ** 23 },
  { why: 'the smallest scale', steps: Array(3).fill([1, 0, INF]), interval: 9, initial: 2 ** -23 },
];

/** The expected results of each step: factor of the gradients, whether it is applied, its inverse, and the state after it. */
function wanted({ steps, interval, initial }: (typeof CASES)[number]): number[] {
  let state = { scale: initial, steps: 0 };
  return steps.flatMap((step) => {
    const { scale } = state;
    state = rule(state, step === undefined, interval);
    return [1 / scale, step === undefined ? 1 : 0, 1 / scale, state.scale, state.steps];
  });
}

export const lossScalingChecks: readonly Check[] = CASES.map((opCase) => ({
  op: 'lossScaling',
  title: opCase.why,
  prepare: () => async (device, choose) => {
    const g = graph();
    const { scale, steps: counted } = lossScale(opCase.initial);
    const [s, n] = [g.variable(scale), g.variable(counted)];
    const gradients = SHAPES.map((shape, i) => g.input(`g${i}`, shape));
    const { scaling, inverse } = lossScaling(s, n, gradients, { interval: opCase.interval });
    const got = await onDevice(device, g, [scaling, inverse], choose, async (session) => {
      const seen: number[] = [];
      for (const step of opCase.steps) {
        gradients.forEach((gradient, i) => {
          const values = new Float64Array(size(SHAPES[i]!)).fill(3e38); // the largest are finite
          if (step?.[0] === i) values[step[1]] = step[2];
          feed(session, gradient, values);
        });
        for (const values of await session.runAndRead([scaling, inverse, s, n])) seen.push(...values);
      }
      return seen;
    });
    const want = wanted(opCase);
    return [
      {
        what: 'factor, applied, inverse, scale and steps',
        got,
        want: array64([opCase.steps.length, 5], want),
        tolerance: { error: 0, why: 'powers of two' },
      },
    ];
  },
}));
