import { avgPool2d } from '../../src/index.ts';
import { avgPool2dSpec } from '../../src/selftest/specs/avgPool2d.ts';
import { checkOp } from '../support/checkOp.ts';
import { checkPoolErrors, tfPool } from '../support/pool.ts';

checkOp({
  ...avgPool2dSpec,
  // TensorFlow.js' gradient divides by the window's size, padding counted, unlike its value and unlike TensorFlow.
  oracleForwardOnly: ({ padding }) => padding !== undefined,
  oracle: (tf, [x], params) => tf.avgPool(x as never, ...tfPool(params)),
});

checkPoolErrors('avgPool2d', avgPool2d);
