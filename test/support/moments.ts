/** The moments at which an asynchronous piece of work can be interrupted from outside. */
import type { Dataset, Device, TensorData } from '../../src/index.ts';

export class Moments {
  /** Moments since `at` was called last. */
  count = 0;
  #wanted = -1;
  #ticks = 0;
  #act: () => void = () => {};

  /** Does something at the k-th moment from now on. */
  at(k: number, ticks: number, act: () => void): void {
    this.count = 0;
    this.#wanted = k;
    this.#ticks = ticks;
    this.#act = act;
  }

  /** A moment has come. Code that awaits this continues a little later, as after any wait. */
  async here(): Promise<void> {
    if (this.count++ !== this.#wanted) return;
    // Never at once: between two calls of a synchronous piece of work nothing comes in between.
    for (let tick = 0; tick <= this.#ticks; tick++) await undefined;
    this.#act();
  }

  /** Counts the beginning and the end of all that the engine awaits of a device. @returns ends it */
  listen(device: Device): () => void {
    const pending = <A extends unknown[], T>(method: (...args: A) => Promise<T>) => {
      const { here } = this;
      const moments = this;
      return async function (this: unknown, ...args: A): Promise<T> {
        const result = method.apply(this, args);
        result.catch(() => {});
        here.call(moments);
        try {
          return await result;
        } finally {
          here.call(moments);
        }
      };
    };
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = pending(mapAsync) as typeof mapAsync;
    const { pipelines } = device;
    pipelines.get = pending(pipelines.get);
    return () => {
      GPUBuffer.prototype.mapAsync = mapAsync;
      delete (pipelines as Partial<typeof pipelines>).get; // the class's own is below
    };
  }
}

/** Examples of class numbers as a dataset that takes its time to read, and so streams. */
export function streamed({ x, y: labels }: { x: TensorData; y: Int32Array }, moments: Moments): Dataset {
  const [size, ...xShape] = x.shape;
  const pixels = x.data.length / size!;
  return {
    size: size!,
    xShape,
    async read(indices, pictures, y) {
      await moments.here();
      indices.forEach((index, row) => {
        pictures.set(x.data.subarray(index * pixels, (index + 1) * pixels), row * pixels);
        if (y) y[row] = labels[index]!;
      });
      await moments.here();
    },
  };
}
