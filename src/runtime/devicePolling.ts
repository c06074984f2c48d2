/** Between two nudges; a browser may stretch it, Firefox to 4 ms. */
const INTERVAL_MS = 2;

/**
 * Gets ends told soon. Firefox looks for work that has ended every 100 ms, and at every submit: while somebody waits for an end,
 * nothing is submitted every few milliseconds.
 */
export class DevicePolling {
  readonly #queue: Pick<GPUQueue, 'submit'>;
  #waiting = 0;
  #ticking = false;

  constructor(queue: Pick<GPUQueue, 'submit'>) {
    this.#queue = queue;
  }

  /** Whether this browser needs it. */
  static get needed(): boolean {
    return /\bFirefox\//.test((globalThis.navigator as Navigator | undefined)?.userAgent ?? '');
  }

  /** Nudges until `end` is told. */
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
