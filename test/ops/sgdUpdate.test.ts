import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, ShapeError, sgdUpdate } from '../../src/index.ts';
import { expectUpdates, runUpdates, type State, updateData } from '../support/checkUpdate.ts';

const SHAPES = [[1], [3, 5, 7], [64, 5]]; // less than a vec4, a partial vec4, more than a workgroup
const tolerance = { error: 2e-6, why: '12 steps with a few roundings each, at weights of up to 4' };
/** A learning rate that changes from step to step tells which momentum formula is used. */
const rate = (step: number) => 0.1 / step;

const VARIANTS = [
  {
    name: 'plain',
    options: {},
    rule: (state: State, g: number, step: number) => {
      state.w -= rate(step) * g;
    },
  },
  {
    name: 'momentum',
    options: { momentum: 0.9 },
    rule: (state: State, g: number, step: number) => {
      state.slots[0] = 0.9 * state.slots[0]! - rate(step) * g;
      state.w += state.slots[0];
    },
  },
  {
    name: 'Nesterov momentum',
    options: { momentum: 0.75, nesterov: true },
    rule: (state: State, g: number, step: number) => {
      state.slots[0] = 0.75 * state.slots[0]! - rate(step) * g;
      state.w += 0.75 * state.slots[0] - rate(step) * g;
    },
  },
];

describe.each(VARIANTS)('sgdUpdate, $name', ({ options, rule }) => {
  test.each(SHAPES.map((shape) => ({ shape })))('$shape', async ({ shape }) => {
    const data = updateData(shape);
    const run = await runUpdates(
      data,
      'momentum' in options ? ['velocity'] : [],
      (w, slots, dw, hyper) => sgdUpdate(w, slots, dw, hyper, options),
      (step) => [rate(step)],
    );
    expectUpdates(run, data, rule, tolerance);
  });
});

test('sgdUpdate refuses tensors that do not fit', () => {
  const g = graph();
  const w = g.variable({ name: 'w', shape: [3, 2], dtype: 'f32' });
  const velocity = g.variable({ name: 'velocity', shape: [3, 2], dtype: 'f32' });
  const other = g.variable({ name: 'other', shape: [2, 3], dtype: 'f32' });
  const [dw, hyper] = [g.input('dw', [3, 2]), g.input('hyper', [4])];
  expect(() => sgdUpdate(w, [], g.input('short', [3]), hyper)).toThrow(ShapeError);
  expect(() => sgdUpdate(w, [], dw, g.input('rate', [1]))).toThrow(ShapeError);
  expect(() => sgdUpdate(w, [], g.input('integers', [3, 2], 'i32'), hyper)).toThrow(ShapeError);
  expect(() => sgdUpdate(w, [velocity], dw, hyper)).toThrow(ShapeError);
  expect(() => sgdUpdate(w, [other], dw, hyper, { momentum: 0.9 })).toThrow(ShapeError);
  expect(() => sgdUpdate(w, [], dw, hyper, { momentum: 0.9 })).toThrow(ArgumentError);
  expect(() => sgdUpdate(dw, [], dw, hyper)).toThrow(ArgumentError);
});
