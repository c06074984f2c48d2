/** Progress bars of a training run. */
import { SingleBar } from 'cli-progress';

/** Without a terminal, least time between two lines. */
const LINE_EVERY_MS = 5000;
/** Work that takes less than this needs no line of its own. */
const QUIET_MS = 2000;

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows the progress of one part of the work after another: as a bar on a terminal, elsewhere as a line from time to
 * time.
 */
export class Progress {
  readonly #out: NodeJS.WriteStream | Output;
  #what = '';
  #bar: SingleBar | undefined;
  #began = 0;
  #lastLine = 0;
  #line = '';

  constructor(out: NodeJS.WriteStream | Output = process.stdout) {
    this.#out = out;
  }

  /** @param what name of the part. Another name ends the part before. */
  update(what: string, done: number, total: number, details: string): void {
    const now = performance.now();
    if (what !== this.#what) {
      this.end();
      this.#what = what;
      this.#began = now;
      this.#lastLine = now - LINE_EVERY_MS + QUIET_MS;
      if (this.#out.isTTY) this.#startBar(total);
    }
    this.#bar?.setTotal(total);
    this.#bar?.update(done, { details });
    this.#line = `${what} ${done}/${total} ${details}`.trimEnd();
    if (!this.#bar && now - this.#lastLine >= LINE_EVERY_MS) {
      this.#lastLine = now;
      this.#out.write(`${this.#line}\n`);
      this.#line = '';
    }
  }

  /** Ends the part. A quick part leaves no line. @param outcome a line to print instead of the progress */
  end(outcome?: string): void {
    const slow = performance.now() - this.#began >= QUIET_MS;
    const line = outcome ?? (this.#line && slow ? this.#line : undefined);
    this.#bar?.stop();
    this.#bar = undefined;
    this.#what = '';
    this.#line = '';
    if (line !== undefined) this.#out.write(`${line}\n`);
  }

  #startBar(total: number): void {
    this.#bar = new SingleBar({
      format: '{what} {bar} {value}/{total} {details}',
      barsize: Math.max(5, Math.min(24, (this.#out.columns ?? 80) - 76)), // the numbers come first in a narrow terminal
      clearOnComplete: true,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      stream: this.#out as NodeJS.WriteStream,
      gracefulExit: false, // it would end the process on Ctrl-C before the browser is closed
    });
    this.#bar.start(total, 0, { what: this.#what, details: '' });
  }
}
