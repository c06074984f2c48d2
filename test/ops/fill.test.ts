import { expect, test } from 'vitest';
import { fill, graph, ShapeError } from '../../src/index.ts';
import { fillChecks } from '../../src/selftest/specs/fill.ts';
import { expectCheck } from '../support/check.ts';

test.each(fillChecks)('fill: $title', expectCheck);

test.each([[1], [3, 5, 7, 3], [2], [5], [4]].map((shape) => ({ shape })))('fill: has the shape $shape', ({ shape }) => {
  expect(fill(graph(), shape, -2.5).shape).toEqual(shape);
});

test('fill: a shape without elements is refused', () => {
  expect(() => fill(graph(), [2, 0], 1)).toThrow(ShapeError);
});
