/** Time between two empty submits. A browser may lengthen it: Firefox makes it 4 ms. */
const INTERVAL_MS = 2;

/**
 * Makes Firefox notice finished GPU work within a few milliseconds instead of 100.
 *
 * Firefox settles `mapAsync` and `onSubmittedWorkDone` only when it polls the device: on a timer every 100 ms
 * (`POLL_TIME_MS` in dom/webgpu/ipc/WebGPUParent.cpp), and at every submit. This is its bug 1870699, "Don't poll WebGPU
 * from a timer" (https://bugzilla.mozilla.org/show_bug.cgi?id=1870699). So, as long as a caller waits for GPU work,
 * this class submits an empty list of command buffers every few milliseconds. The list does no work; each submit makes
 * Firefox poll.
 */
export class DevicePolling {
  readonly #queue: Pick<GPUQueue, 'submit'>;
  #waiting = 0;
  #ticking = false;

  constructor(queue: Pick<GPUQueue, 'submit'>) {
    this.#queue = queue;
  }

  /** Whether this browser polls on a timer, that is, whether it is Firefox. */
  static get needed(): boolean {
    return /\bFirefox\//.test((globalThis.navigator as Navigator | undefined)?.userAgent ?? '');
  }

  /** Submits empty lists until `end` settles. */
  async until<T>(end: Promise<T>): Promise<T> {
    this.#waiting++;
    if (!this.#ticking) this.#later();
    try {
      return await end;
    } finally {
      this.#waiting--;
    }
  }

  #later(): void {
    this.#ticking = true;
    setTimeout(this.#tick, INTERVAL_MS);
  }

  readonly #tick = () => {
    this.#ticking = false;
    if (this.#waiting === 0) return;
    this.#queue.submit([]);
    this.#later();
  };
}
