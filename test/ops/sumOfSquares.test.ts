import { expect, test } from 'vitest';
import { fill, graph, ShapeError, sumOfSquares } from '../../src/index.ts';
import { sumOfSquaresSpec } from '../../src/selftest/specs/sumOfSquares.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(sumOfSquaresSpec);

test('sumOfSquares refuses integers', () => {
  expect(() => sumOfSquares(graph().input('x', [3], 'i32'))).toThrow(ShapeError);
});

test.each([1, 2, 3, 4, 65, 4099])(
  'sumOfSquares: what lies behind the last of %d elements does not count',
  async (n) => {
    const g = graph();
    // fill writes whole vec4s, so the padding holds ones.
    expect(await runOnce(g, [], [sumOfSquares(fill(g, [n], 1))])).toEqual([[n]]);
  },
);
