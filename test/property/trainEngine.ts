/** The training run of a case in the engine. */
import { ArrayDataset } from '../../src/data/dataset.ts';
import { adam, adamw, type Optimizer, rmsprop, sequential, sgd } from '../../src/index.ts';
import { StepRunner } from '../../src/nn/execute/stepRunner.ts';
import { buildStep } from '../../src/nn/step/step.ts';
import { Arena } from '../../src/runtime/storage.ts';
import { testDevice } from '../support/device.ts';
import { drawBatches } from './data.ts';
import { kernelsBy } from './kernels.ts';
import type { NetworkCase, OptimizerCase } from './network.ts';
import type { Outcome } from './outcome.ts';
import { report } from './report.ts';
import type { Beginning } from './trainOracle.ts';

const FACTORIES = { sgd, rmsprop, adam, adamw };

function optimizerOf({ name, options }: OptimizerCase): Optimizer {
  return FACTORIES[name](options as never);
}

export async function trainEngine(c: NetworkCase): Promise<{ outcome: Outcome; beginning: Beginning }> {
  const device = await testDevice();
  const model = sequential(c.layers);
  const { loss, seed } = c;
  const metrics = c.accuracy ? (['accuracy'] as const) : [];
  await model.compile({ optimizer: optimizerOf(c.optimizer), loss, metrics, seed, device, tune: false });
  try {
    const weights = await model.getWeights();
    const batches = drawBatches(c, model);
    const { compiled } = model;
    const choose = kernelsBy(c.kernels, (node, kernel) => report.count(`kernel ${node.op.name} ${kernel}`));
    const options = { target: device.target, choose, fuse: c.fuse };
    const step = buildStep('train', compiled.spec, c.batch, undefined, options);
    const arena = new Arena(device);
    const runner = await StepRunner.create(step, { device, variables: compiled.variables, arena });
    const seeds: number[] = [];
    const totals: number[][] = [];
    try {
      for (const { x, y, weights: byExample } of batches) {
        const indices = Uint32Array.from(byExample, (_, i) => i);
        await runner.feed(new ArrayDataset(x, y.data), indices, c.weighted ? { byExample } : {});
        const next = compiled.progress.nextStep();
        seeds.push(next.seed);
        totals.push([...(await runner.run(next.seed, next.hyper))]);
      }
    } finally {
      runner.destroy();
      arena.destroy();
    }
    const after = await model.getWeights();
    const prediction = await model.predict(batches.at(-1)!.x);
    const outcome: Outcome = [
      { name: 'loss', data: totals.map(([value]) => value!) },
      ...(c.accuracy ? [{ name: 'accuracy', data: totals.map(([, right]) => right!) }] : []),
      ...after.map(({ name, data }, i) => ({ name, data, start: weights[i]!.data })),
      { name: 'prediction', data: prediction.data },
    ];
    return { outcome, beginning: { layers: model.layers, weights, batches, seeds } };
  } finally {
    model.dispose();
  }
}
