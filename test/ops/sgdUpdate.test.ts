import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, ShapeError, sgdUpdate } from '../../src/index.ts';
import { sgdUpdateSpecs } from '../../src/selftest/specs/sgdUpdate.ts';
import { UPDATE_SHAPES } from '../../src/selftest/update.ts';
import { checkUpdate } from '../support/checkUpdate.ts';

describe.each(sgdUpdateSpecs)('$name', (spec) => {
  test.each(UPDATE_SHAPES.map((shape) => ({ shape })))('$shape', ({ shape }) => checkUpdate(spec, shape));
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
