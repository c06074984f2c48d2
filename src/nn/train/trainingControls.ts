/**
 * Lets callbacks pause, single-step and stop a run, through the `Training` object that they get. Steps that are repeated
 * after the loss of a device are neither paused nor stopped.
 */
import type { Training } from './callbacks.ts';
import type { EpochOptions } from './epoch.ts';
import type { FitSetup } from './fitRun.ts';
import { PauseControl } from './pause.ts';

/** The controls of one call of `fit`. */
export class TrainingControls {
  readonly training: Training;
  readonly #setup: FitSetup;
  readonly #pause = new PauseControl();
  #stopping = false;
  /** Steps of an epoch, once they are known. */
  stepsPerEpoch: number | undefined;
  #wake: () => void = () => {};

  constructor(setup: FitSetup) {
    this.#setup = setup;
    const { model, epochs, batchSize, rows, position } = setup;
    this.stepsPerEpoch = setup.stepsPerEpoch;
    const pause = this.#pause;
    const stopping = () => this.#stopping;
    const steps = () => this.stepsPerEpoch;
    this.training = {
      model,
      epochs,
      batchSize,
      get stepsPerEpoch() {
        return steps();
      },
      examples: rows?.length,
      initialEpoch: position.epoch,
      startAtStep: position.step,
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
        this.end();
      },
    };
  }

  /** Whether training ends after the current step. */
  get stopped(): boolean {
    return this.#stopping && !this.#setup.compiled.progress.replaying;
  }

  /** Ends all waiting, when the run ends or is aborted. */
  end(): void {
    this.#pause.end();
    this.#wake();
  }

  /** Waits for data, at most until training is stopped or ends, and then gives undefined. */
  until<T>(reading: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      reading.then(resolve, reject);
      this.#wake = () => {
        if (this.stopped || this.#setup.signal?.aborted) resolve(undefined);
      };
    });
  }

  /**
   * The pause control for a pass over data. Its wait rejects when the device is lost.
   * @param free whether steps need no permit: true for validation, which comes between two training steps
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
