import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, nonFinite, nonFiniteIn, plan, ShapeError, type Variable } from '../../src/index.ts';
import { feed, withSession } from '../support/session.ts';

const STATE: Variable = { name: 'state', shape: [3], dtype: 'u32' };
const [NAN, INF] = [Number.NaN, Number.POSITIVE_INFINITY];

/** Element `element` of tensor `tensor` is `value`. */
type Plant = readonly [tensor: number, element: number, value: number];

/** What is to be found: the first element of the first tensor. */
function firstOf(plants: readonly Plant[]) {
  const [first] = [...plants].sort(([t, i], [u, j]) => t - u || i - j);
  return first && { tensor: first[0], element: first[1], value: Number.isNaN(first[2]) ? 'NaN' : 'Infinity' };
}

/** Looks at tensors in steps, each with its plants. @returns what the state says after each, and the scaling */
async function run(
  shapes: readonly (readonly number[])[],
  steps: readonly (readonly Plant[])[],
  { first = 0, given, keep = false }: { first?: number; given?: readonly number[]; keep?: boolean } = {},
) {
  const g = graph();
  const tensors = shapes.map((shape, i) => g.input(`x${i}`, shape));
  const scaling = given && g.input('scaling', [2]);
  const state = g.variable(STATE);
  const result = nonFinite(state, tensors, { first, scaling });
  return withSession(g, [result], async (session) => {
    if (scaling) feed(session, scaling, given!);
    const seen = [];
    for (const plants of steps) {
      for (const [i, shape] of shapes.entries()) {
        const values = new Float64Array(shape.reduce((p, q) => p * q, 1)).fill(3.4e38); // the largest are finite
        for (const [tensor, element, value] of plants) if (tensor === i) values[element] = value;
        feed(session, tensors[i]!, values);
      }
      session.run();
      seen.push({
        found: nonFiniteIn((await session.read(state)) as Uint32Array),
        scaling: [...(await session.read(result))],
      });
      if (!keep) session.variables.write(STATE, new Uint32Array(3));
    }
    return seen;
  });
}

describe('nonFinite', () => {
  // No multiples of four; more tensors than a dispatch looks at; more elements than invocations.
  const shapes = [[3], [1], [7, 19], [2, 3, 5], [4], [9], [2], [5, 60, 61], [64 * 8192 + 77], [65]];

  test('nothing, and each kind of number at the edges of tensors and parts', async () => {
    const steps: Plant[][] = [
      [],
      [[0, 0, NAN]],
      [[0, 2, INF]],
      [[1, 0, -INF]],
      [[2, 132, NAN]],
      [[6, 1, INF]],
      [[7, 0, NAN]],
      [[7, 18299, -INF]],
      [[8, 64 * 8192 + 76, NAN]],
      [[8, 8192, INF]],
      [[9, 64, INF]],
      [[9, 0, NAN]],
    ];
    const want = steps.map((plants) => ({ found: firstOf(plants), scaling: [1, plants.length > 0 ? 0 : 1] }));
    expect(await run(shapes, steps)).toEqual(want);
  });

  test('of several the first element of the first tensor', async () => {
    const steps: Plant[][] = [
      [
        [7, 5, NAN],
        [2, 100, INF],
        [2, 40, NAN],
        [2, 41, INF],
      ],
      [
        [8, 500_000, NAN],
        [8, 8191, INF],
        [8, 8192, NAN],
        [9, 0, NAN],
      ],
      shapes.map((_, i): Plant => [9 - i, 0, INF]),
      [
        [3, 29, INF],
        [4, 0, NAN],
      ],
    ];
    const found = (await run(shapes, steps)).map(({ found }) => found);
    expect(found).toEqual(steps.map(firstOf));
  });

  test('what was found first stays, and so does the hold', async () => {
    const seen = await run([[5], [5]], [[], [[1, 3, NAN]], [[0, 0, INF]], []], { first: 40, keep: true });
    const kept = { found: { tensor: 41, element: 3, value: 'NaN' }, scaling: [1, 0] };
    expect(seen).toEqual([{ found: undefined, scaling: [1, 1] }, kept, kept, kept]);
  });

  test('a scaling is passed on', async () => {
    const steps: Plant[][] = [[], [[0, 4, INF]]];
    const scalings = async (given: readonly number[]) =>
      (await run([[5]], steps, { given })).map(({ scaling }) => scaling);
    expect(await scalings([0.125, 1])).toEqual([
      [0.125, 1],
      [0.125, 0],
    ]);
    expect(await scalings([0.125, 0])).toEqual([
      [0.125, 0],
      [0.125, 0],
    ]);
  });

  test('switched off, it enters nothing', async () => {
    const g = graph();
    const [state, x] = [g.variable(STATE), g.input('x', [2])];
    const scaling = nonFinite(state, [x]);
    await withSession(g, [scaling], async (session) => {
      session.variables.write(STATE, Uint32Array.of(0, 0, 1));
      feed(session, x, [NAN, 1]);
      session.run();
      expect([...(await session.read(state))]).toEqual([0, 0, 1]);
      expect([...(await session.read(scaling))]).toEqual([1, 1]);
    });
  });

  test('two looks in one step: the second adds what the first has not found', async () => {
    const g = graph();
    const [state, x, y] = [g.variable(STATE), g.input('x', [2]), g.input('y', [2])];
    nonFinite(state, [x]);
    const scaling = nonFinite(state, [y], { first: 1 });
    await withSession(g, [scaling], async (session) => {
      feed(session, y, [1, INF]);
      session.run();
      expect(nonFiniteIn((await session.read(state)) as Uint32Array)).toMatchObject({ tensor: 1, element: 1 });
      session.variables.write(STATE, new Uint32Array(3));
      feed(session, x, [NAN, 1]);
      session.run();
      expect(nonFiniteIn((await session.read(state)) as Uint32Array)).toMatchObject({ tensor: 0, element: 0 });
    });
  });

  test('seven tensors are one dispatch', () => {
    const g = graph();
    const tensors = Array.from({ length: 8 }, (_, i) => g.input(`x${i}`, [i + 1]));
    const entryPoints = plan(g, [nonFinite(g.variable(STATE), tensors)]).dispatches.map(({ entryPoint }) => entryPoint);
    expect(entryPoints).toEqual(['check', 'check', 'finish']);
  });

  test('refuses what does not fit', () => {
    const g = graph();
    const [state, x] = [g.variable(STATE), g.input('x', [2])];
    expect(() => nonFinite(state, [])).toThrow(ArgumentError);
    expect(() => nonFinite(state, [x], { first: -1 })).toThrow(ArgumentError);
    expect(() => nonFinite(state, [g.input('i', [2], 'i32')])).toThrow(ShapeError);
    expect(() => nonFinite(g.input('s', [3], 'u32'), [x])).toThrow(ArgumentError); // no variable
    expect(() => nonFinite(g.variable({ ...STATE, shape: [2] }), [x])).toThrow(ShapeError);
    expect(() => nonFinite(state, [x], { scaling: g.input('three', [3]) })).toThrow(ShapeError);
  });
});
