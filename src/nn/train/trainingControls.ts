import type { Training } from './callbacks.ts';
import type { EpochOptions } from './epoch.ts';
import type { FitSetup } from './fitRun.ts';
import { PauseControl } from './pause.ts';

/** What callbacks can do to a run: pause it, let single steps pass, stop it. Steps that are done again are not held up. */
export class TrainingControls {
  readonly training: Training;
  readonly #setup: FitSetup;
  readonly #pause = new PauseControl();
  #stopping = false;

  constructor(setup: FitSetup) {
    this.#setup = setup;
    const { model, epochs, batchSize, stepsPerEpoch, rows, position } = setup;
    const pause = this.#pause;
    const stopping = () => this.#stopping;
    this.training = {
      ...{ model, epochs, batchSize, stepsPerEpoch, examples: rows.length },
      ...{ initialEpoch: position.epoch, startAtStep: position.step },
      get stopped() {
        return stopping();
      },
      get paused() {
        return pause.paused;
      },
      pause: () => pause.pause(),
      resume: () => pause.resume(),
      step: () => pause.step(),
      stop: () => {
        this.#stopping = true;
        pause.end();
      },
    };
  }

  /** Whether training is to end after the step under way. */
  get stopped(): boolean {
    return this.#stopping && !this.#setup.compiled.progress.replaying;
  }

  /** Nobody waits any more. */
  end(): void {
    this.#pause.end();
  }

  /**
   * The gate as steps see it; who waits at it hears when the device is lost.
   * @param free steps that take up no permit: batches of the validation, which lies between two training steps
   */
  pauseFor(free: boolean): NonNullable<EpochOptions['pause']> {
    const pause = this.#pause;
    const { compiled } = this.#setup;
    return {
      get closed() {
        return pause.closed && !compiled.progress.replaying;
      },
      async opened() {
        while (this.closed) await compiled.device.whileAlive(pause.opened());
      },
      get free() {
        return free || compiled.progress.replaying;
      },
      pass: () => pause.pass(),
    };
  }
}
