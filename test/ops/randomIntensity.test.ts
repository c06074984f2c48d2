import { expect, test } from 'vitest';
import { randomIntensity } from '../../src/augmentation/index.ts';
import { ArgumentError, graph, ShapeError } from '../../src/index.ts';
import { randomIntensitySpec } from '../../src/selftest/specs/randomIntensity.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(randomIntensitySpec);

test('randomIntensity: one of brightness and contrast', () => {
  const g = graph();
  const [x, seed] = [g.input('x', [2, 4, 5, 3]), g.input('seed', [1], 'u32')];
  const given = (rest: object) => () => randomIntensity(x, seed, { salt: 0, valueRange: [0, 1], ...rest } as never);
  expect(given({})).toThrow('randomIntensity: give one of brightness and contrast.');
  expect(given({ brightness: [0, 1], contrast: [0, 1] })).toThrow(ArgumentError);
  expect(given({ contrast: [-1, 1] })).toThrow('contrast must be [least, largest], factors of at least 0');
  expect(() =>
    randomIntensity(g.input('flat', [2, 3]), seed, { salt: 0, brightness: [0, 1], valueRange: [0, 1] }),
  ).toThrow(ShapeError);
});
