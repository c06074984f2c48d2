import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, rmspropUpdate, ShapeError } from '../../src/index.ts';
import { map, zeros } from '../support/arrays.ts';
import { expectUpdates, runUpdates, STEPS, type State, updateData } from '../support/checkUpdate.ts';

const SHAPES = [[1], [3, 5, 7], [64, 5]]; // less than a vec4, a partial vec4, more than a workgroup
const EPSILON = 1e-3; // large enough to be seen
const tolerance = { error: 5e-6, why: '12 steps with a root and a division each, at weights of up to 10' };
const rate = (step: number) => 0.1 / step;

const VARIANTS = [false, true].flatMap((centered) => [0, 0.8].map((momentum) => ({ centered, momentum })));

/** Keras' formula; slots are velocity, momentum if any, average if centered. */
function rule({ centered, momentum }: { centered: boolean; momentum: number }, rho: number) {
  return (state: State, g: number, step: number) => {
    const { slots } = state;
    slots[0] = rho * slots[0]! + (1 - rho) * g * g;
    let denominator = slots[0] + EPSILON;
    if (centered) {
      const last = slots.length - 1;
      slots[last] = rho * slots[last]! + (1 - rho) * g;
      denominator -= slots[last] ** 2;
    }
    let move = (rate(step) * g) / Math.sqrt(denominator);
    if (momentum > 0) {
      slots[1] = momentum * slots[1]! + move;
      move = slots[1];
    }
    state.w -= move;
  };
}

function slotNames({ centered, momentum }: { centered: boolean; momentum: number }): string[] {
  return ['velocity', ...(momentum > 0 ? ['momentum'] : []), ...(centered ? ['average'] : [])];
}

describe.each(VARIANTS)('rmspropUpdate, centered $centered, momentum $momentum', (variant) => {
  test.each(SHAPES.map((shape) => ({ shape })))('$shape', async ({ shape }) => {
    const data = updateData(shape);
    const run = await runUpdates(
      data,
      slotNames(variant),
      (w, slots, dw, hyper) => rmspropUpdate(w, slots, dw, hyper, { ...variant, rho: 0.7, epsilon: EPSILON }),
      (step) => [rate(step)],
    );
    expectUpdates(run, data, rule(variant, 0.7), tolerance);
  });
});

test('rmspropUpdate, centered: a variance that rounds to less than 0 makes no NaN', async () => {
  // Gradients that stay the same have a variance of 0, which some of these miss.
  const gradient = map(zeros([256]), (_, i) => Math.fround(10 * 1.05 ** i));
  const constant = { start: zeros([256]), gradients: Array(STEPS).fill(gradient) };
  const run = await runUpdates(
    constant,
    ['velocity', 'average'],
    (w, slots, dw, hyper) =>
      rmspropUpdate(w, slots, dw, hyper, { rho: 0.1, momentum: 0, epsilon: 1e-7, centered: true }),
    () => [1e-6],
  );
  expect(Array.from(run.w).every(Number.isFinite), `${run.w}`).toBe(true);
});

test('rmspropUpdate refuses tensors that do not fit', () => {
  const g = graph();
  const slot = (name: string, shape = [3]) => g.variable({ name, shape, dtype: 'f32' });
  const [w, a, b, c] = [slot('w'), slot('a'), slot('b'), slot('c')];
  const [dw, hyper] = [g.input('dw', [3]), g.input('hyper', [4])];
  const options = { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false };
  expect(() => rmspropUpdate(w, [a, b], dw, hyper, options)).toThrow(ShapeError);
  expect(() => rmspropUpdate(w, [a, b, c], dw, hyper, { ...options, centered: true })).toThrow(ShapeError);
  expect(() => rmspropUpdate(w, [slot('d', [4])], dw, hyper, options)).toThrow(ShapeError);
  expect(() => rmspropUpdate(w, [], dw, hyper, options)).toThrow(ArgumentError);
});
