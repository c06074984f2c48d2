import type { Training } from './callbacks.ts';
import type { Flow } from './epoch.ts';
import type { Setup } from './fitRun.ts';
import { Gate } from './gate.ts';

/** What callbacks can do to a run: pause it, let single steps pass, stop it. Steps that are done again are not held up. */
export class Controls {
  readonly training: Training;
  readonly #setup: Setup;
  readonly #gate = new Gate();
  #stopping = false;

  constructor(setup: Setup) {
    this.#setup = setup;
    const { model, epochs, batchSize, stepsPerEpoch, rows, place } = setup;
    const gate = this.#gate;
    const stopping = () => this.#stopping;
    this.training = {
      ...{ model, epochs, batchSize, stepsPerEpoch, examples: rows.length },
      ...{ initialEpoch: place.epoch, startAtStep: place.step },
      get stopped() {
        return stopping();
      },
      get paused() {
        return gate.paused;
      },
      pause: () => gate.pause(),
      resume: () => gate.resume(),
      step: () => gate.step(),
      stop: () => {
        this.#stopping = true;
        gate.end();
      },
    };
  }

  /** Whether training is to end after the step under way. */
  get stopped(): boolean {
    return this.#stopping && !this.#setup.compiled.progress.replaying;
  }

  /** Nobody waits any more. */
  end(): void {
    this.#gate.end();
  }

  /**
   * The gate as steps see it; who waits at it hears when the device is lost.
   * @param free steps that take up no permit: batches of the validation, which lies between two training steps
   */
  gate(free: boolean): NonNullable<Flow['gate']> {
    const gate = this.#gate;
    const { compiled } = this.#setup;
    return {
      get closed() {
        return gate.closed && !compiled.progress.replaying;
      },
      async opened() {
        while (this.closed) await compiled.device.whileAlive(gate.opened());
      },
      get free() {
        return free || compiled.progress.replaying;
      },
      pass: () => gate.pass(),
    };
  }
}
