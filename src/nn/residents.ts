import { ArrayDataset, type Dataset } from '../data/dataset.ts';
import type { Shape, Variable } from '../tensor.ts';
import type { Compiled } from './compiled.ts';
import type { BatchRunner } from './runner.ts';
import type { Mode, ResidentData } from './step.ts';

/** Runners of one fit, and the datasets that they keep on the GPU; training and validation may share one. */
export class Residents {
  readonly #compiled: Compiled;
  readonly #maxBytes: number;
  readonly #data = new Map<Dataset, ResidentData>();
  readonly #runners: BatchRunner[] = [];

  constructor(compiled: Compiled, maxBytes: number) {
    this.#compiled = compiled;
    this.#maxBytes = maxBytes;
  }

  async runner(mode: Mode, dataset: Dataset, batchSize: number): Promise<BatchRunner> {
    const runner = await this.#compiled.makeRunner(mode, batchSize, this.#resident(dataset));
    this.#runners.push(runner);
    return runner;
  }

  destroy(): void {
    for (const runner of this.#runners) runner.destroy();
    for (const data of this.#data.values()) this.#compiled.releaseData(data);
  }

  /** Where a dataset lies on the GPU, if it is in memory and fits. */
  #resident(dataset: Dataset): ResidentData | undefined {
    const { network, recipe, device } = this.#compiled;
    const { loss } = recipe;
    const { maxBufferSize, maxStorageBufferBindingSize } = device.gpu.limits;
    const limit = Math.min(this.#maxBytes, maxBufferSize, maxStorageBufferBindingSize);
    if (!(dataset instanceof ArrayDataset) || dataset.x.byteLength > limit) return undefined;
    const known = this.#data.get(dataset) ?? residentVariables(dataset, loss!.targetShape(network.outputShape));
    this.#data.set(dataset, known);
    return known;
  }
}

/** Variables for a dataset that is to stay on the GPU. */
function residentVariables({ x, y, size, xShape }: ArrayDataset, targetShape: Shape): ResidentData {
  const variable = (name: string, shape: readonly number[], data: Float32Array | Int32Array): Variable => ({
    name,
    shape,
    dtype: data instanceof Int32Array ? 'i32' : 'f32',
    initial: () => data,
  });
  return { x: variable('data/x', [size, ...xShape], x), y: variable('data/y', [size, ...targetShape], y!) };
}
