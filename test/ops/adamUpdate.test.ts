import { expect, test } from 'vitest';
import { ArgumentError, adamUpdate, graph, ShapeError } from '../../src/index.ts';
import { adamUpdateSpec } from '../../src/selftest/specs/adamUpdate.ts';
import { UPDATE_SHAPES } from '../../src/selftest/update.ts';
import { checkUpdate } from '../support/checkUpdate.ts';

test.each(
  UPDATE_SHAPES.flatMap((shape) => [
    { shape, decay: 0 },
    { shape, decay: 0.02 },
  ]),
)('adamUpdate $shape, decay $decay', ({ shape, decay }) => checkUpdate(adamUpdateSpec(decay), shape));

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
