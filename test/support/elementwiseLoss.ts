/** What the losses that are a mean of f(prediction, truth) over each row have in common, and are tested for. */
import { expect, test } from 'vitest';
import { graph, ShapeError, type Tensor } from '../../src/index.ts';
import type { ElementwiseLossSpec } from '../../src/selftest/elementwiseLoss.ts';
import { checkOp } from './checkOp.ts';
import { runOnce } from './session.ts';

export function checkElementwiseLoss(spec: ElementwiseLossSpec): void {
  checkOp(spec);
  const build = (prediction: Tensor, truth: Tensor) => spec.build([prediction, truth], {});

  test(`${spec.name}: [n] and [n, 1] are the same`, async () => {
    const g = graph();
    const p = g.input('p', [3, 1]);
    const t = g.input('t', [3]);
    const y = build(p, t);
    const z = build(g.input('q', [3]), g.input('u', [3, 1]));
    expect([y.shape, z.shape]).toEqual([[3], [3]]);
    const [got] = await runOnce(
      g,
      [
        [p, [2, -1, 0.5]],
        [t, [0, 1, 1]],
      ],
      [y],
    );
    got!.forEach((value, i) => {
      expect(value).toBeCloseTo(spec.value([2, -1, 0.5][i]!, [0, 1, 1][i]!), 6);
    });
  });

  test(`${spec.name} refuses shapes that differ`, () => {
    const g = graph();
    const p = g.input('p', [3, 2]);
    for (const truth of [g.input('a', [3]), g.input('b', [2, 3]), g.input('c', [3, 2], 'i32')]) {
      expect(() => build(p, truth)).toThrow(ShapeError);
    }
  });
}
