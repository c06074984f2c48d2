import { expect, test } from 'vitest';
import { copy, graph, ShapeError } from '../../src/index.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp({
  name: 'copy',
  cases: [
    { why: 'less than a vec4', shapes: [[3]], params: undefined },
    { why: 'a last vec4 that is not full, more than a workgroup', shapes: [[3, 7, 19]], params: undefined },
  ],
  build: ([x]) => copy(x!),
  forward: ([x]) => x!,
  backward: (_, dy) => [dy],
  tolerance: { forward: { error: 0, why: 'nothing is computed' } },
});

test('copy refuses integers', () => {
  const g = graph();
  expect(() => copy(g.input('x', [2], 'i32'))).toThrow(ShapeError);
});
