import { ArrayDataset, checkFinite, checkLabels, type Dataset, type TargetArray } from '../../data/dataset.ts';
import { DataError } from '../../errors.ts';
import { elements, hostArray, type Tensor } from '../../tensor.ts';
import type { StepPlan } from '../step/step.ts';

/** The host arrays that a batch is read into. There are none if the GPU gathers the batch. */
export class HostBatch {
  x: Float32Array | undefined;
  y: TargetArray | undefined;
  readonly #step: StepPlan;
  readonly #room: number;

  /** @param room number of examples that the arrays have room for */
  constructor(step: StepPlan, room: number) {
    this.#step = step;
    this.#room = room;
    this.#make();
  }

  #make(): void {
    const { x, y, rowsAtOnce } = this.#step;
    const length = (tensor: Tensor) => (this.#room / rowsAtOnce) * elements(tensor.shape);
    this.x = x && new Float32Array(length(x));
    this.y = y && (hostArray(y.dtype, length(y)) as TargetArray);
  }

  /** Whether a dataset has transferred the arrays to another thread, which leaves them empty. */
  get #gone(): boolean {
    return this.x!.length === 0 || this.y?.length === 0;
  }

  /**
   * Reads examples into the arrays and fills the rows behind them with zeros. Examples are checked unless the dataset owns its
   * arrays: those were checked when it was made and cannot have changed.
   * @throws DataError for values that are not finite and for labels that do not fit
   */
  async read(dataset: Dataset, indices: Uint32Array): Promise<void> {
    const inMemory = dataset instanceof ArrayDataset;
    if (this.#gone) this.#make();
    const reading = dataset.read(inMemory ? indices : indices.slice(), this.x!, this.y);
    if (reading) await reading;
    if (this.#gone) {
      throw new DataError('the dataset: read has transferred the memory that it was given to fill; copy into it.');
    }
    const filled = <T extends TargetArray>(all: T) => all.subarray(0, (indices.length * all.length) / this.#room) as T;
    const x = filled(this.x!);
    const y = this.y && filled(this.y);
    if (!(inMemory && dataset.owned)) {
      checkFinite(inMemory ? 'x' : 'the dataset', x, dataset.xShape, indices);
      if (y) checkLabels(y, [y.length / indices.length], this.#step, indices);
    }
    this.x!.fill(0, x.length);
    this.y?.fill(0, y!.length);
  }
}
