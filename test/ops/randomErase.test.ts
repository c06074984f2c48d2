import { expect, test } from 'vitest';
import { randomErase } from '../../src/augmentation/index.ts';
import { graph, ShapeError } from '../../src/index.ts';
import { randomEraseSpec } from '../../src/selftest/specs/randomErase.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(randomEraseSpec);

test('randomErase: refuses what is no image, and no seed', () => {
  const g = graph();
  const [x, seed] = [g.input('x', [2, 4, 5, 3]), g.input('seed', [1], 'u32')];
  const options = { salt: 0, size: [2, 2] } as const;
  expect(() => randomErase(g.input('flat', [2, 3]), seed, options)).toThrow(ShapeError);
  expect(() => randomErase(x, g.input('floats', [1]), options)).toThrow('the seed must be u32 [1] or [2], got f32 [1]');
});
