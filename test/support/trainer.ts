/** Training below `fit`: steps by a spec and for a target of the test's own. */

import { ArrayDataset } from '../../src/data/dataset.ts';
import type { Model, TensorData } from '../../src/index.ts';
import { StepRunner } from '../../src/nn/execute/stepRunner.ts';
import { buildStep, type StepSpec } from '../../src/nn/step/step.ts';
import type { PlanOptions } from '../../src/plan/types.ts';
import { Arena } from '../../src/runtime/storage.ts';

/**
 * Trains a model batch after batch.
 * @param changes what of the model's spec is to be otherwise
 * @param rowsAtOnce examples of a micro-batch; default: the whole batch
 */
export async function trainer(
  model: Model,
  batchSize: number,
  changes: Partial<StepSpec> = {},
  options?: PlanOptions,
  rowsAtOnce = batchSize,
) {
  const { compiled } = model;
  const { device, variables } = compiled;
  const arena = new Arena(device);
  const step = buildStep('train', { ...compiled.spec, ...changes }, batchSize, undefined, options, rowsAtOnce);
  const runner = await StepRunner.create(step, { device, variables, arena });
  const indices = Uint32Array.from({ length: batchSize }, (_, i) => i);
  return {
    plan: step.plan,
    /** @param weight of each example @returns the loss */
    async step(data: { x: TensorData; y: Int32Array }, weight = 1): Promise<number> {
      const byExample = new Float32Array(batchSize).fill(weight);
      await runner.feed(new ArrayDataset(data.x, data.y), indices, { byExample });
      const { seed, hyper } = compiled.progress.nextStep();
      const [loss] = await runner.run(seed, hyper);
      return loss! / batchSize;
    },
    destroy() {
      runner.destroy();
      arena.destroy();
    },
  };
}
