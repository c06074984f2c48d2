import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, rmspropUpdate, ShapeError } from '../../src/index.ts';
import { rmspropUpdateSpecs } from '../../src/selftest/specs/rmspropUpdate.ts';
import { runUpdates, STEPS, UPDATE_SHAPES } from '../../src/selftest/update.ts';
import { map, zeros } from '../support/arrays.ts';
import { checkUpdate } from '../support/checkUpdate.ts';
import { testDevice } from '../support/device.ts';

describe.each(rmspropUpdateSpecs)('$name', (spec) => {
  test.each(UPDATE_SHAPES.map((shape) => ({ shape })))('$shape', ({ shape }) => checkUpdate(spec, shape));
});

test('rmspropUpdate, centered: a variance that rounds to less than 0 makes no NaN', async () => {
  // Gradients that stay the same have a variance of 0, which some of these miss.
  const gradient = map(zeros([256]), (_, i) => Math.fround(10 * 1.05 ** i));
  const constant = { start: zeros([256]), gradients: Array(STEPS).fill(gradient) };
  const run = await runUpdates(await testDevice(), constant, {
    slots: ['velocity', 'average'],
    append: (w, slots, dw, hyper) =>
      rmspropUpdate(w, slots, dw, hyper, { rho: 0.1, momentum: 0, epsilon: 1e-7, centered: true }),
    hyper: () => [1e-6],
  });
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
