import { describe, expect, test } from 'vitest';
import { ArgumentError, addScaled, graph, ShapeError } from '../../src/index.ts';
import { addScaledSpecs } from '../../src/selftest/specs/addScaled.ts';
import { UPDATE_SHAPES } from '../../src/selftest/update.ts';
import { checkUpdate } from '../support/checkUpdate.ts';

describe.each(addScaledSpecs)('$name', (spec) => {
  test.each(UPDATE_SHAPES.map((shape) => ({ shape })))('$shape', ({ shape }) => checkUpdate(spec, shape));
});

test('addScaled refuses tensors that do not fit, and options', () => {
  const g = graph();
  const sum = g.variable({ name: 'sum', shape: [3, 2], dtype: 'f32' });
  const [x, factor] = [g.input('x', [3, 2]), g.input('factor', [1])];
  expect(() => addScaled(sum, g.input('short', [3]), factor)).toThrow(
    new ShapeError('addScaled: x has shape [3], sum [3, 2].'),
  );
  expect(() => addScaled(sum, x, g.input('factors', [4]))).toThrow(
    new ShapeError('addScaled: factor must be [1], got [4].'),
  );
  expect(() => addScaled(sum, g.input('integers', [3, 2], 'i32'), factor)).toThrow(ShapeError);
  expect(() => addScaled(x, x, factor)).toThrow(ArgumentError);
  expect(() => addScaled(sum, x, factor, { momentum: 0.9 } as never)).toThrow(ArgumentError);
});
