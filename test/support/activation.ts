/** One table of an element-wise activation: the modes of `checkOp`, its extreme inputs, its accuracy near 0. */
import { test } from 'vitest';
import { type ActivationSpec, activationChecks } from '../../src/selftest/activation.ts';
import { expectCheck } from './check.ts';
import { checkOp } from './checkOp.ts';

export function checkActivation<P>(spec: ActivationSpec<P>): void {
  checkOp(spec);

  for (const check of activationChecks(spec)) test(`${spec.name}: ${check.title}`, () => expectCheck(check));
}
