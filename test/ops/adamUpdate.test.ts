import { expect, test } from 'vitest';
import { ArgumentError, adamUpdate, graph, ShapeError } from '../../src/index.ts';
import { expectUpdates, runUpdates, type State, updateData } from '../support/checkUpdate.ts';

const SHAPES = [[1], [3, 5, 7], [64, 5]]; // less than a vec4, a partial vec4, more than a workgroup
const EPSILON = 1e-3; // large enough to be seen
const tolerance = { error: 3e-6, why: '12 steps with a root and a division each, at weights of up to 2' };

test.each(
  SHAPES.flatMap((shape) => [
    { shape, decay: 0 },
    { shape, decay: 0.02 },
  ]),
)('adamUpdate $shape, decay $decay', async ({ shape, decay }) => {
  const alpha = (step: number) => ((0.1 / step) * Math.sqrt(1 - 0.99 ** step)) / (1 - 0.8 ** step);
  const data = updateData(shape);
  const run = await runUpdates(
    data,
    ['m', 'v'],
    (w, slots, dw, hyper) => adamUpdate(w, slots, dw, hyper, { beta1: 0.8, beta2: 0.99, epsilon: EPSILON }),
    (step) => [alpha(step), decay],
  );
  const rule = (state: State, g: number, step: number) => {
    const [m, v] = state.slots;
    state.slots = [0.8 * m! + 0.2 * g, 0.99 * v! + 0.01 * g * g];
    state.w -= decay * state.w;
    state.w -= (alpha(step) * state.slots[0]!) / (Math.sqrt(state.slots[1]!) + EPSILON);
  };
  expectUpdates(run, data, rule, tolerance);
});

test('adamUpdate refuses tensors that do not fit', () => {
  const g = graph();
  const slot = (name: string, shape = [3]) => g.variable({ name, shape, dtype: 'f32' });
  const [w, m, v] = [slot('w'), slot('m'), slot('v')];
  const [dw, hyper] = [g.input('dw', [3]), g.input('hyper', [4])];
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  expect(() => adamUpdate(w, [m, slot('long', [4])], dw, hyper, options)).toThrow(ShapeError);
  expect(() => adamUpdate(w, [m, v, slot('third')], dw, hyper, options)).toThrow(ShapeError);
  expect(() => adamUpdate(w, [m], dw, hyper, options)).toThrow(ArgumentError);
});
