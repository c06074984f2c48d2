import { ArrayDataset, type Dataset } from '../data/dataset.ts';
import type { Shape, Variable } from '../tensor.ts';
import type { Compiled } from './compiled.ts';
import { largestBuffer } from './memory.ts';
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

  async runner(mode: Mode, dataset: Dataset, batchSize: number, watch?: Variable): Promise<BatchRunner> {
    const runner = await this.#compiled.makeRunner(mode, batchSize, this.#data.get(dataset), watch);
    this.#runners.push(runner);
    return runner;
  }

  /** A runner of a step that only looks for what is not finite; the caller's own. */
  looker(dataset: Dataset, batchSize: number, state: Variable, backward: boolean): Promise<BatchRunner> {
    return this.#compiled.makeLooker(batchSize, this.#data.get(dataset), state, backward);
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
    const { network, recipe, device, memory } = this.#compiled;
    if (!(dataset instanceof ArrayDataset) || this.#data.has(dataset)) return;
    const limit = Math.min(this.#maxBytes, largestBuffer(device));
    const data = residentVariables(dataset, recipe.loss!.targetShape(network.outputShape));
    if (dataset.x.byteLength > limit || !memory.canKeep(data, batchSize)) return;
    memory.residents.add(data.x).add(data.y);
    this.#data.set(dataset, data);
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
