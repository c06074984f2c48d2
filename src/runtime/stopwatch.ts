import type { Device } from './device.ts';
import type { Session } from './session.ts';

/** Two timestamps of 64 bits. */
const BYTES = 16;

/**
 * Times finished work: by timestamps around one pass, where the device has them, which leaves out how long the browser takes to tell
 * that the work is done (up to 100 ms in Firefox); else by the clock.
 */
export class Stopwatch {
  readonly #device: Device;
  readonly #queries: GPUQuerySet | undefined;
  readonly #resolved: GPUBuffer | undefined;
  readonly #staging: GPUBuffer | undefined;

  constructor(device: Device) {
    this.#device = device;
    if (!device.gpu.features.has('timestamp-query')) return;
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    this.#queries = device.gpu.createQuerySet({ label: 'tuning', type: 'timestamp', count: 2 });
    this.#resolved = device.createBuffer('tuning', BYTES, QUERY_RESOLVE | COPY_SRC);
    this.#staging = device.createBuffer('tuning:readback', BYTES, COPY_DST | MAP_READ);
  }

  /** Microseconds of work that the timer's own grain does not blur: timestamps are rounded to 100 us, and a clock's end comes late. */
  get least(): number {
    return this.#queries ? 3000 : 20_000;
  }

  /**
   * Runs a step several times and waits for the end.
   * @param share of each dispatch's workgroups that are run
   * @returns microseconds of one run
   */
  async time(session: Session, repeats: number, share: number): Promise<number> {
    const { gpu } = this.#device;
    const encoder = gpu.createCommandEncoder({ label: 'tuning' });
    const pass = encoder.beginComputePass(
      this.#queries && {
        timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
      },
    );
    for (let i = 0; i < repeats; i++) session.record(pass, share);
    pass.end();
    if (this.#queries) {
      encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved!, 0);
      encoder.copyBufferToBuffer(this.#resolved!, 0, this.#staging!, 0, BYTES);
    }
    const begin = performance.now();
    gpu.queue.submit([encoder.finish()]);
    const done = this.#staging ? this.#staging.mapAsync(GPUMapMode.READ) : gpu.queue.onSubmittedWorkDone();
    await this.#device.whileAlive(done);
    const waited = (performance.now() - begin) * 1000;
    return (this.#stamped(waited) ?? waited) / repeats;
  }

  /** What the timestamps say, unless it cannot be: some drivers write zeros, or an end before its beginning. */
  #stamped(waited: number): number | undefined {
    if (!this.#staging) return undefined;
    const [begin, end] = new BigInt64Array(this.#staging.getMappedRange());
    const microseconds = Number(end! - begin!) / 1000;
    this.#staging.unmap();
    return microseconds > 0 && microseconds <= waited ? microseconds : undefined;
  }

  destroy(): void {
    this.#queries?.destroy();
    this.#resolved?.destroy();
    this.#staging?.destroy();
  }
}
