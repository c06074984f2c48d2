/** The command line's score of a model. */
import { expect, test } from 'vitest';
import { brainSize, judge } from '../src/brain/index.ts';
import type { Model } from '../src/index.ts';
import { scoreOf } from '../tools/train/work/score.ts';

test('predictions that are no numbers are not right, whatever the class', async () => {
  const y = Int32Array.of(0, 1, 0, 1, 0, 1);
  const logits = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0, Number.NaN, Number.NaN, 0, 1, 0, 0, 1];
  const model = {
    inputShape: [brainSize, brainSize, 1],
    predict: async () => ({ data: Float32Array.from(logits), shape: [6, 2] }),
  } as unknown as Model;
  const x = { data: new Float32Array(6 * brainSize ** 2), shape: [6, brainSize, brainSize, 1] as const };
  const score = scoreOf(await judge(model, { x: x as never, y }));
  expect(score.accuracy).toBeCloseTo(2 / 6, 12);
  expect(score.confusion).toEqual([
    [1, 2],
    [2, 1],
  ]);
});
