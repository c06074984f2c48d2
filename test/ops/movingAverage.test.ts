import { describe, expect, test } from 'vitest';
import { ArgumentError, graph, movingAverage, plan, Session, ShapeError, type Variable } from '../../src/index.ts';
import { movingAverageChecks } from '../../src/selftest/specs/movingAverage.ts';
import { expectCheck } from '../support/check.ts';
import { testDevice } from '../support/device.ts';

describe('movingAverage', () => {
  test.each(movingAverageChecks)('$title', expectCheck);

  test('a steady value is a fixed point', async () => {
    const g = graph();
    const variable: Variable = { name: 'v', shape: [3], dtype: 'f32', initial: () => Float32Array.of(0.1, 1e9, -3) };
    const value = g.input('value', [3]);
    movingAverage(g.variable(variable), value, { momentum: 0.99 });
    const session = await Session.create(await testDevice(), plan(g, []));
    session.write(value, Float32Array.of(0.1, 1e9, -3));
    for (let step = 0; step < 3; step++) session.run();
    expect(await session.variables.read(variable)).toEqual(Float32Array.of(0.1, 1e9, -3));
    session.destroy();
  });

  test('with scaling: what it is without, or nothing', async () => {
    const run = async (scaling: readonly number[] | undefined) => {
      const g = graph();
      const initial = () => Float32Array.of(1, 2, 3, 4, 5);
      const variable: Variable = { name: 'v', shape: [5], dtype: 'f32', initial };
      const [value, factors] = [g.input('value', [5]), g.input('scaling', [2])];
      movingAverage(g.variable(variable), value, { momentum: 0.9 }, scaling && factors);
      const session = await Session.create(await testDevice(), plan(g, []));
      session.write(value, Float32Array.of(0.3, Number.NaN, 7, -2, 1e9));
      if (scaling) session.write(factors, Float32Array.from(scaling));
      session.run();
      const values = await session.variables.read(variable);
      session.destroy();
      return values;
    };
    expect(await run([0.5, 1])).toEqual(await run(undefined));
    expect(await run([0.5, 0])).toEqual(Float32Array.of(1, 2, 3, 4, 5));
  });

  test('refuses what does not fit', () => {
    const g = graph();
    const average = g.variable({ name: 'average', shape: [3], dtype: 'f32' });
    const value = g.input('value', [3]);
    expect(() => movingAverage(average, g.input('two', [2]), { momentum: 0.9 })).toThrow(ShapeError);
    expect(() => movingAverage(average, g.input('i', [3], 'i32'), { momentum: 0.9 })).toThrow(ShapeError);
    expect(() => movingAverage(average, value, { momentum: 0.9 }, g.input('s', [3]))).toThrow(ShapeError);
    expect(() => movingAverage(value, average, { momentum: 0.9 })).toThrow(ArgumentError);
    for (const momentum of [-0.1, 1.1, Number.NaN]) {
      expect(() => movingAverage(average, value, { momentum })).toThrow(ArgumentError);
    }
  });
});
