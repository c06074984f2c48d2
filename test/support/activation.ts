/** One table of an element-wise activation: the modes of `checkOp`, its extreme inputs, its accuracy near 0, NaN. */
import { test } from 'vitest';
import { type ActivationSpec, activationChecks } from '../../src/selftest/activation.ts';
import { expectCheck } from './check.ts';
import { checkOp } from './checkOp.ts';
import type { Tf, TfTensor } from './tensorflow.ts';

/** @param oracle the same function in TensorFlow.js */
export function checkActivation<P>(
  spec: ActivationSpec<P>,
  oracle: (tf: Tf, x: TfTensor, params: P) => TfTensor | undefined,
): void {
  checkOp<P>({ ...spec, oracle: (tf, [x], params) => oracle(tf, x!, params) });

  for (const check of activationChecks(spec)) test(`${spec.name}: ${check.title}`, () => expectCheck(check));
}
