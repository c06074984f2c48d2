import { describe, expect, test } from 'vitest';
import { flatGrid, MAX_WORKGROUPS, type Op } from '../../src/graph.ts';
import { gradients, graph } from '../../src/index.ts';
import { add, matmul, mul, relu, reshape, softmaxCrossEntropy, sum } from '../../src/ops/index.ts';
import { broadcastShapes } from '../../src/tensor.ts';

describe('graph', () => {
  test('appends nodes in order and names them by scope', () => {
    const g = graph();
    const x = g.input('x', [2, 3]);
    const y = g.scope('layer', () => relu(relu(x)));
    expect(g.nodes.map(({ name }) => name)).toEqual(['layer/relu', 'layer/relu_1']);
    expect(y.shape).toEqual([2, 3]);
  });

  test('a variable is one tensor, however often it is asked for', () => {
    const g = graph();
    const w = { name: 'w', shape: [2], dtype: 'f32' as const };
    expect(g.variable(w)).toBe(g.variable(w));
  });

  test('errors name the op, the shapes and the rule', () => {
    const g = graph();
    const x = g.input('x', [2, 3]);
    expect(() => add(x, g.input('b', [4]))).toThrow(/add.*\[2, 3\].*\[4\].*equal or 1/);
    expect(() => reshape(x, [7])).toThrow(/reshape.*\[2, 3\] has 6 elements, \[7\] has 7/);
    expect(() => g.input('x', [1])).toThrow(/an input named x/);
    expect(() => g.input('z', [0, 3])).toThrow(/z: a shape needs.*\[0, 3\]/);
    expect(() => relu(g.input('labels', [3], 'i32'))).toThrow(/relu: labels must be f32, got i32/);
    expect(() => add(x, graph().input('x', [2, 3]))).toThrow(/add: tensor x is of another graph/);
  });

  test('only a variable is updated in place', () => {
    const g = graph();
    const bump: Op<undefined> = { name: 'bump', mutates: [0], outputs: () => [], dispatches: () => [] };
    expect(() => g.apply(bump, [g.input('x', [1])], undefined)).toThrow(/bump: input 0.*must be a variable/);
  });

  test('broadcasting follows NumPy', () => {
    expect(broadcastShapes('t', [2, 1, 5], [3, 1])).toEqual([2, 3, 5]);
    expect(broadcastShapes('t', [1], [4, 4])).toEqual([4, 4]);
  });

  test('a flat grid covers every invocation and stays within the limits', () => {
    for (const count of [1, 64, 65, 64 * MAX_WORKGROUPS, 64 * MAX_WORKGROUPS + 1, 31_490_048, 4_000_000_000]) {
      const [x, y, z] = flatGrid(count, 64);
      expect(x * y * z * 64).toBeGreaterThanOrEqual(count);
      expect((x * y * z - y) * 64, 'no more than a row too many').toBeLessThan(count);
      expect(Math.max(x, y, z)).toBeLessThanOrEqual(MAX_WORKGROUPS);
    }
  });
});

describe('gradients', () => {
  test('have the shapes of what they are of', () => {
    const g = graph();
    const x = g.input('x', [4, 3]);
    const w = g.input('w', [3, 2]);
    const loss = sum(softmaxCrossEntropy(matmul(x, w), g.input('labels', [4], 'i32')));
    expect(gradients(loss, [x, w]).map(({ shape }) => shape)).toEqual([
      [4, 3],
      [3, 2],
    ]);
  });

  test('of something that y does not depend on is an error', () => {
    const g = graph();
    const [x, z] = [g.input('x', [2]), g.input('z', [2])];
    expect(() => gradients(relu(x), [z])).toThrow(/relu does not depend on z/);
  });

  test('an op without a gradient ends the path, with a message', () => {
    const g = graph();
    const x = g.input('x', [2]);
    const opaque: Op<undefined> = { name: 'opaque', outputs: ([a]) => [{ shape: a!.shape }], dispatches: () => [] };
    const y = g.apply(opaque, [x], undefined)[0]!;
    expect(() => gradients(y, [x])).toThrow(/does not depend on x by differentiable ops/);
  });

  test('an op whose backward gives a wrong count or shape is caught', () => {
    const g = graph();
    const x = g.input('x', [2, 3]);
    const broken = (backward: Op<undefined>['backward']): Op<undefined> => ({
      name: 'broken',
      outputs: ([a]) => [{ shape: a!.shape }],
      dispatches: () => [],
      ...(backward ? { backward } : {}),
    });
    const none = g.apply(
      broken(() => []),
      [x],
      undefined,
    )[0]!;
    expect(() => gradients(none, [x])).toThrow(/broken: backward gave 0 gradients for 1 inputs/);
    const wrong = g.apply(
      broken((_, [dy]) => [sum(dy!, { axes: 0 })]),
      [x],
      undefined,
    )[0]!;
    expect(() => gradients(wrong, [x])).toThrow(/broken: the gradient of x has shape \[3\], the tensor has \[2, 3\]/);
  });

  test('nodes that lead nowhere are not differentiated', () => {
    const g = graph();
    const x = g.input('x', [2]);
    const y = mul(x, x);
    relu(x);
    const before = g.nodes.length;
    gradients(y, [x]);
    const added = g.nodes.slice(before).map(({ op }) => op.name);
    expect(added).not.toContain('reluGrad');
  });
});
