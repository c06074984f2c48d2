/** Optimizer kernels over several steps, weights and slots, against a rule for one weight in double precision. */
import type { Optimizer } from '../../src/index.ts';
import {
  ruleResult,
  runUpdates,
  type UpdateData,
  type UpdateRun,
  type UpdateSpec,
  updateData,
} from '../../src/selftest/update.ts';
import { expectClose, type Tolerance } from './arrays.ts';
import { testDevice } from './device.ts';

/** Runs a spec with weights of a shape, and compares. */
export async function checkUpdate(spec: UpdateSpec, shape: readonly number[]): Promise<void> {
  const data = updateData(shape);
  expectUpdates(await runUpdates(await testDevice(), data, spec), data, spec.rule, spec.tolerance);
}

/** Runs the steps with an optimizer, its slots and its numbers. */
export async function runOptimizer(optimizer: Optimizer, data: UpdateData): Promise<UpdateRun<ArrayLike<number>>> {
  const slots = optimizer.slots({ name: 'w', shape: data.start.shape, dtype: 'f32' }).map(({ name }) => name);
  const rate = (step: number) =>
    typeof optimizer.learningRate === 'number' ? optimizer.learningRate : optimizer.learningRate.at(step - 1);
  const hyper = (step: number) => optimizer.hyper(step, rate(step));
  return runUpdates(await testDevice(), data, { slots, append: optimizer.update, hyper });
}

/** Compares weights and slots with what `rule` makes of each weight in double precision. */
export function expectUpdates(
  run: UpdateRun<ArrayLike<number>>,
  data: UpdateData,
  rule: UpdateSpec['rule'],
  tolerance: Tolerance,
): void {
  const want = ruleResult(data, run.slots.length, rule);
  expectClose('w', run.w, want.w, tolerance);
  run.slots.forEach((slot, s) => {
    expectClose(`slot ${s}`, slot, want.slots[s]!, tolerance);
  });
}
