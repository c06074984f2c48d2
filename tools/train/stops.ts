/** The run failed. The message, one line, says why. */
export class RunError extends Error {}

/** The user or the system stopped the run. */
export class InterruptError extends Error {
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super('stopped: nothing was saved');
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** From here on, Ctrl-C and its like abort `interrupt`, and a second one ends the process at once. */
export function interruptBySignals(interrupt: AbortController): void {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(new InterruptError(signal).exitCode);
      interrupt.abort(new InterruptError(signal));
    });
  }
}

/**
 * Takes away the listeners for Ctrl-C and its like that `opening` adds: Puppeteer would kill browser and process; here
 * the work stops first, and what was opened is closed.
 */
export async function withoutSignals<T>(opening: () => Promise<T>): Promise<T> {
  const before = SIGNALS.map((signal) => process.listeners(signal));
  const opened = await opening();
  SIGNALS.forEach((signal, i) => {
    for (const listener of process.listeners(signal)) {
      if (!before[i]!.includes(listener)) process.off(signal, listener);
    }
  });
  return opened;
}
