import type { Device } from './device.ts';
import { readStaging } from './readback.ts';

/** So many times more work than in the last run, at most: the time that asks for more may have been wrong. */
export const GROWTH = 16;

/** What is run so many times on end. */
export interface Timed {
  readonly session: { record(pass: GPUComputePassEncoder, share: number): void };
  readonly repeats: number;
}

/** Runs that can be timed at once. */
const MOST_RUNS = 64;
/** Of the two timestamps of a run, 64 bits each. */
const BYTES = 16;

/**
 * Times finished work. Where the device has timestamps, by these: a pass for each run, and one wait for all, since browsers may take
 * long to tell that work is done (Firefox looks every 100 ms). Else by the clock.
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

  /** Microseconds that a run must take for its time to be trusted: timestamps are rounded to 100 us, and the clock stops late. */
  get least(): number {
    return this.#stamps ? 2000 : 20_000;
  }

  /**
   * Does the runs, at most 64, one after another.
   * @param share of each dispatch's workgroups that are launched
   * @returns microseconds of each run, all repeats together; 0 where it was too short to tell
   */
  async time(runs: readonly Timed[], share: number): Promise<number[]> {
    if (this.#stamps) {
      const begin = performance.now();
      const times = await this.#byStamps(runs, share);
      const waited = 1000 * (performance.now() - begin);
      // Some drivers write zeros.
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
      // Some write an end before its beginning, when clocks are adjusted.
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
