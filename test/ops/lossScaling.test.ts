import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, lossScale, lossScaling, plan, ShapeError } from '../../src/index.ts';
import { lossScalingChecks } from '../../src/selftest/specs/lossScaling.ts';
import { expectCheck } from '../support/check.ts';

describe('lossScaling', () => {
  test.each(lossScalingChecks)('$title', expectCheck);

  test('refuses what does not fit', () => {
    const g = graph();
    const { scale, steps } = lossScale();
    const [s, n, x] = [g.variable(scale), g.variable(steps), g.input('x', [2])];
    expect(() => lossScaling(s, n, [])).toThrow(ArgumentError);
    expect(() => lossScaling(s, n, [x], { interval: 0 })).toThrow(ArgumentError);
    expect(() => lossScaling(s, n, [g.input('i', [2], 'i32')])).toThrow(ShapeError);
    expect(() => lossScaling(x, n, [x])).toThrow(); // no variable, and no [1]
    expect(() => lossScaling(g.variable({ ...scale, shape: [2] }), n, [x])).toThrow(ShapeError);
  });

  test('six gradients are one dispatch', () => {
    const g = graph();
    const { scale, steps } = lossScale();
    const gradients = Array.from({ length: 7 }, (_, i) => g.input(`g${i}`, [i + 1]));
    const { scaling } = lossScaling(g.variable(scale), g.variable(steps), gradients);
    const entryPoints = plan(g, [scaling]).dispatches.map(({ entryPoint }) => entryPoint);
    expect(entryPoints).toEqual(['check', 'check', 'finish']);
  });
});
