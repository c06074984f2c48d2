import { ArrayDataset, checkFinite, checkLabels, type Dataset, type TargetRule } from '../../data/dataset.ts';
import { ordinary, type Shape } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import { largestBuffer } from '../execute/memoryBudget.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import type { DiagnosticRequest } from '../nonFinite/diagnosticStep.ts';
import type { ResidentData, StepRequest } from '../step/step.ts';

/** Runners of one fit, and the datasets that they keep on the GPU; training and validation may share one. */
export class ResidentDatasets {
  readonly #compiled: Compiled;
  readonly #maxBytes: number;
  readonly #data = new Map<Dataset, ResidentData>();
  readonly #runners: StepRunner[] = [];

  constructor(compiled: Compiled, maxBytes: number) {
    this.#compiled = compiled;
    this.#maxBytes = maxBytes;
  }

  async runner(dataset: Dataset, request: Omit<StepRequest, 'resident'>): Promise<StepRunner> {
    const runner = await this.#compiled.runners.make({ ...request, resident: this.#data.get(dataset) });
    this.#runners.push(runner);
    return runner;
  }

  /** A runner of a step that changes nothing and finds what is not finite; the caller's own. */
  diagnosticRunner(dataset: Dataset, request: Omit<DiagnosticRequest, 'resident'>): Promise<StepRunner> {
    return this.#compiled.runners.makeDiagnostic({ ...request, resident: this.#data.get(dataset) });
  }

  destroy(): void {
    for (const runner of this.#runners) runner.destroy();
    for (const data of this.#data.values()) this.#compiled.releaseData(data);
  }

  /**
   * Has a dataset stay on the GPU, if it is in memory and fits. All are told before the first runner is made, which leaves room for
   * them.
   * @param batchSize where it is trained on: steps must fit beside it
   */
  keep(dataset: Dataset, batchSize?: number): void {
    const { network, spec, device, memoryBudget } = this.#compiled;
    if (!(dataset instanceof ArrayDataset) || this.#data.has(dataset)) return;
    const limit = Math.min(this.#maxBytes, largestBuffer(device));
    const { targetRange } = spec.loss!;
    const rule = { classes: network.outputShape.at(-1)!, targetRange };
    const data = residentVariables(dataset, spec.loss!.targetShape(network.outputShape), rule);
    if (dataset.x.byteLength > limit || !memoryBudget.canKeep(data, batchSize)) return;
    memoryBudget.resident.add(data.x).add(data.y);
    this.#data.set(dataset, data);
  }
}

/**
 * Variables for a dataset that is to stay on the GPU. It goes there after it was checked, and once more for each device that is
 * lost; its memory is the caller's, so each time it is looked at anew.
 */
function residentVariables(dataset: ArrayDataset, targetShape: Shape, rule: TargetRule): ResidentData {
  const { size, xShape } = dataset;
  const x = () => {
    const data = ordinary(dataset.x);
    checkFinite('x', data, xShape);
    return data;
  };
  const y = () => {
    const data = ordinary(dataset.y!);
    checkLabels(data, targetShape, rule);
    return data;
  };
  return {
    x: { name: 'data/x', shape: [size, ...xShape], dtype: 'f32', initial: x },
    y: {
      ...{ name: 'data/y', shape: [size, ...targetShape], initial: y },
      dtype: dataset.y instanceof Int32Array ? 'i32' : 'f32',
    },
  };
}
