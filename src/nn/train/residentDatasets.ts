/**
 * Keeps the datasets of one `fit` on the GPU, if they are in memory and fit, and makes the runners that gather batches from them.
 * Data that do not fit are sent batch by batch.
 */
import {
  ArrayDataset,
  checkFinite,
  checkLabels,
  type Dataset,
  type ExampleStream,
  type TargetRule,
} from '../../data/dataset.ts';
import { narrowTypeOf, wordsOf } from '../../data/input.ts';
import { ordinary, type Shape } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import { largestBuffer } from '../execute/memoryBudget.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import type { DiagnosticRequest } from '../nonFinite/diagnosticStep.ts';
import type { ResidentData, StepRequest } from '../step/step.ts';

/** The runners of one `fit` and its datasets on the GPU. Training and validation may share a dataset. */
export class ResidentDatasets {
  readonly #compiled: Compiled;
  readonly #maxBytes: number;
  readonly #data = new Map<Dataset | ExampleStream, ResidentData>();
  readonly #runners: StepRunner[] = [];

  constructor(compiled: Compiled, maxBytes: number) {
    this.#compiled = compiled;
    this.#maxBytes = maxBytes;
  }

  async runner(dataset: Dataset | ExampleStream, request: Omit<StepRequest, 'resident'>): Promise<StepRunner> {
    const runner = await this.#compiled.runners.make({ ...request, resident: this.#data.get(dataset) });
    this.#runners.push(runner);
    return runner;
  }

  /** A runner of a step that checks every tensor for values that are not finite and changes nothing. The caller destroys it. */
  diagnosticRunner(
    dataset: Dataset | ExampleStream,
    request: Omit<DiagnosticRequest, 'resident'>,
  ): Promise<StepRunner> {
    return this.#compiled.runners.makeDiagnostic({ ...request, resident: this.#data.get(dataset) });
  }

  destroy(): void {
    for (const runner of this.#runners) runner.destroy();
    for (const data of this.#data.values()) this.#compiled.releaseData(data);
  }

  /**
   * Registers a dataset to be kept on the GPU, if it is in memory and fits. Call it for all datasets before the first runner is
   * made, so that the runner leaves room for them.
   * @param batchSize for a dataset to train on: training steps of this size must fit beside it
   */
  keep(dataset: Dataset | ExampleStream, batchSize?: number): void {
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
 * Variables for a dataset on the GPU. Their values are checked before each upload: once, and again after each loss of a device,
 * since the arrays belong to the caller, who may have changed them.
 */
function residentVariables(dataset: ArrayDataset, targetShape: Shape, rule: TargetRule): ResidentData {
  const { size, xShape } = dataset;
  const integers = narrowTypeOf(dataset.x);
  const x = () => {
    const data = dataset.x;
    if (!(data instanceof Float32Array)) return wordsOf(data);
    const floats = ordinary(data);
    checkFinite('x', floats, xShape);
    return floats;
  };
  const words = Math.ceil(dataset.x.byteLength / 4);
  const y = () => {
    const data = ordinary(dataset.y!);
    checkLabels(data, targetShape, rule);
    return data;
  };
  return {
    x: integers
      ? { name: 'data/x', shape: [words], dtype: 'u32', initial: x }
      : { name: 'data/x', shape: [size, ...xShape], dtype: 'f32', initial: x },
    integers,
    y: {
      name: 'data/y',
      shape: [size, ...targetShape],
      initial: y,
      dtype: dataset.y instanceof Int32Array ? 'i32' : 'f32',
    },
  };
}
