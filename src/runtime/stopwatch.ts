/**
 * Measures how long work takes on the GPU: by timestamp queries where the device has them, otherwise by the clock. It
 * serves the choice of kernels and the splitting of long dispatches.
 */
import type { Device } from './device.ts';
import { readStaging } from './readback.ts';

/** Largest factor by which a run may exceed the run before. The time that asks for a larger run may have been wrong. */
export const GROWTH = 16;

/** Work to be timed, and how many times it is repeated in a run. */
export interface Timed {
  readonly session: { record(pass: GPUComputePassEncoder, share: number): void };
  readonly repeats: number;
}

/** Largest number of runs that can be timed at once. */
const MOST_RUNS = 64;
/** Size of the two timestamps of a run, 64 bits each. */
const BYTES = 16;

/**
 * Times finished work. On a device with timestamps, each run is a pass with two timestamps, and there is one wait for
 * all runs, because a browser may report finished work late (see devicePolling.ts). On other devices, each run is timed
 * by the clock.
 */
export class Stopwatch {
  readonly #device: Device;
  readonly #queries: GPUQuerySet | undefined;
  readonly #resolved: GPUBuffer | undefined;
  readonly #staging: GPUBuffer | undefined;
  #stamps: boolean;

  constructor(device: Device) {
    this.#device = device;
    this.#stamps = device.gpu.features.has('timestamp-query');
    if (!this.#stamps) return;
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    this.#queries = device.gpu.createQuerySet({ label: 'tuning', type: 'timestamp', count: 2 * MOST_RUNS });
    this.#resolved = device.createBuffer('tuning', MOST_RUNS * BYTES, QUERY_RESOLVE | COPY_SRC);
    this.#staging = device.createBuffer('tuning:readback', MOST_RUNS * BYTES, COPY_DST | MAP_READ);
  }

  /**
   * Least time, in microseconds, for which a measurement is trusted: browsers round timestamps to 100 us, and the clock
   * also measures the delay until finished work is reported.
   */
  get least(): number {
    return this.#stamps ? 2000 : 20_000;
  }

  /**
   * Times at most 64 runs, one after another.
   * @param share fraction of each dispatch's workgroups to launch
   * @returns microseconds of each run, all repeats together; 0 if it was too short to be measured
   */
  async time(runs: readonly Timed[], share: number): Promise<number[]> {
    if (this.#stamps) {
      const begin = performance.now();
      const times = await this.#byStamps(runs, share);
      const waited = 1000 * (performance.now() - begin);
      // Some drivers write zeros as timestamps. If the runs took long and all times are 0, use the clock from now on.
      if (waited < runs.length * this.least || times.some((time) => time > 0)) return times;
      this.#stamps = false;
    }
    const times: number[] = [];
    for (const run of runs) times.push(await this.#byClock(run, share));
    return times;
  }

  async #byStamps(runs: readonly Timed[], share: number): Promise<number[]> {
    const [querySet, resolved, staging] = [this.#queries!, this.#resolved!, this.#staging!];
    const encoder = this.#device.gpu.createCommandEncoder({ label: 'tuning' });
    runs.forEach(({ session, repeats }, i) => {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      for (let k = 0; k < repeats; k++) session.record(pass, share);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, 2 * runs.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, runs.length * BYTES);
    this.#device.gpu.queue.submit([encoder.finish()]);
    return readStaging(this.#device, staging, (bytes) => {
      const stamps = new BigInt64Array(bytes);
      // When a clock is adjusted, some drivers write an end that lies before its beginning.
      return runs.map((_, i) => Math.max(0, Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1000));
    });
  }

  async #byClock({ session, repeats }: Timed, share: number): Promise<number> {
    const { queue } = this.#device.gpu;
    const encoder = this.#device.gpu.createCommandEncoder({ label: 'tuning' });
    const pass = encoder.beginComputePass();
    for (let k = 0; k < repeats; k++) session.record(pass, share);
    pass.end();
    const begin = performance.now();
    queue.submit([encoder.finish()]);
    await this.#device.ended(queue.onSubmittedWorkDone());
    return 1000 * (performance.now() - begin);
  }

  destroy(): void {
    this.#queries?.destroy();
    this.#resolved?.destroy();
    this.#staging?.destroy();
  }
}
