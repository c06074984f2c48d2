import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, lossScale, lossScaling, plan, ShapeError } from '../../src/index.ts';
import { feed, withSession } from '../support/session.ts';

interface State {
  scale: number;
  steps: number;
}

/** What a step makes of the state. */
function rule({ scale, steps }: State, finite: boolean, interval: number): State {
  if (!finite) return { scale: Math.max(scale / 2, 2 ** -24), steps: 0 };
  if (steps + 1 < interval) return { scale, steps: steps + 1 };
  return { scale: Math.min(scale * 2, 2 ** 24), steps: 0 };
}

const NUMBERS = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY };

/** Runs a list of steps: undefined for finite gradients, else which element of which gradient is what. */
async function run(
  shapes: readonly (readonly number[])[],
  steps: readonly (readonly [gradient: number, element: number, number: number] | undefined)[],
  interval: number,
  initial: number,
) {
  const g = graph();
  const { scale, steps: counted } = lossScale(initial);
  const [s, n] = [g.variable(scale), g.variable(counted)];
  const gradients = shapes.map((shape, i) => g.input(`g${i}`, shape));
  const { scaling, inverse } = lossScaling(s, n, gradients, { interval });
  return withSession(g, [scaling, inverse], async (session) => {
    const seen = [];
    for (const step of steps) {
      for (const [i, shape] of shapes.entries()) {
        const values = new Float64Array(shape.reduce((p, q) => p * q, 1)).fill(3e38); // the largest are finite
        if (step?.[0] === i) values[step[1]] = step[2];
        feed(session, gradients[i]!, values);
      }
      session.run();
      const [two, one] = [await session.read(scaling), await session.read(inverse)];
      seen.push({
        factor: two[0]!,
        applied: two[1]!,
        inverse: one[0]!,
        ...{ scale: (await session.read(s))[0]!, steps: (await session.read(n))[0]! },
      });
    }
    return seen;
  });
}

describe('lossScaling', () => {
  // Element-wise loads: no vec4; more than one group of six gradients; more elements than invocations times workgroups.
  const shapes = [[3], [1], [7, 19], [2, 3, 5], [4], [9], [2], [5, 60, 61]];

  test.each([
    { why: 'finite steps double the scale', steps: Array(7).fill(undefined), interval: 3, initial: 2 ** 15 },
    {
      why: 'each kind of number, at first and last elements of first and last gradients',
      steps: [
        [0, 0, NUMBERS.nan],
        [0, 2, NUMBERS.inf],
        undefined,
        [7, 18299, NUMBERS['-inf']],
        [7, 64, NUMBERS.nan],
        undefined,
        undefined,
        undefined,
        [5, 8, NUMBERS.inf],
        [6, 1, NUMBERS.nan],
        [2, 132, NUMBERS.inf],
      ] as const,
      interval: 2,
      initial: 1024,
    },
    { why: 'the largest scale', steps: Array(3).fill(undefined), interval: 1, initial: 2 ** 23 },
    { why: 'the smallest scale', steps: Array(3).fill([1, 0, NUMBERS.inf]), interval: 9, initial: 2 ** -23 },
  ])('$why', async ({ steps, interval, initial }) => {
    let state = { scale: initial, steps: 0 };
    const want = steps.map((step) => {
      const { scale } = state;
      state = rule(state, step === undefined, interval);
      return { factor: 1 / scale, applied: step === undefined ? 1 : 0, inverse: 1 / scale, ...state };
    });
    expect(await run(shapes, steps, interval, initial)).toEqual(want);
  });

  test('refuses what does not fit', () => {
    const g = graph();
    const { scale, steps } = lossScale();
    const [s, n, x] = [g.variable(scale), g.variable(steps), g.input('x', [2])];
    expect(() => lossScaling(s, n, [])).toThrow(ArgumentError);
    expect(() => lossScaling(s, n, [x], { interval: 0 })).toThrow(ArgumentError);
    expect(() => lossScaling(s, n, [g.input('i', [2], 'i32')])).toThrow(ShapeError);
    expect(() => lossScaling(x, n, [x])).toThrow(); // no variable, and no [1]
    expect(() => lossScaling(g.variable({ ...scale, shape: [2] }), n, [x])).toThrow(ShapeError);
  });

  test('six gradients are one dispatch', () => {
    const g = graph();
    const { scale, steps } = lossScale();
    const gradients = Array.from({ length: 7 }, (_, i) => g.input(`g${i}`, [i + 1]));
    const { scaling } = lossScaling(g.variable(scale), g.variable(steps), gradients);
    const entryPoints = plan(g, [scaling]).dispatches.map(({ entryPoint }) => entryPoint);
    expect(entryPoints).toEqual(['check', 'check', 'finish']);
  });
});
