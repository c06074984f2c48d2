/**
 * The recovery of a training step of the caller's own from the loss of its device: snapshots of all its models, of the same moment,
 * and the move of all of them to one other device.
 */
import { checkOptions, type Kind } from '../../options.ts';
import { type Loss, stepsLost } from '../recovery/deviceRecovery.ts';
import { type Snapshot, takeTogether } from '../recovery/snapshots.ts';
import { appliedIn } from '../step/applyNetwork.ts';
import type { OwnStep } from './stepBuilder.ts';
import { SNAPSHOT_MS } from './trainBatch.ts';
import type { TrainingStepOptions } from './trainingStep.ts';

type Options = NonNullable<TrainingStepOptions['recovery']>;

/** The kind of value that each option takes. */
export const STEP_RECOVERY_OPTIONS = {
  everySeconds: 'limit',
  everySteps: 'count',
  device: 'function',
} as const satisfies Record<keyof Options, Kind>;

export class StepRecovery {
  readonly #step: OwnStep<string>;
  readonly #options: Options;
  /** The snapshots of the models that were taken together. If a model has another one, they are of different moments. */
  #together: readonly Snapshot[];
  #time = performance.now();
  /** Runs since then. */
  #runs = 0;
  /** What was lost and not reported yet. */
  #losses: Loss[] = [];

  constructor(step: OwnStep<string>, options: Options) {
    this.#step = step;
    this.#options = options;
    this.#together = this.#last;
    this.#setDevice();
  }

  /** @throws ArgumentError for options that do not exist or have wrong values */
  static check(options: Options): Options {
    return checkOptions('trainingStep: recovery', options, STEP_RECOVERY_OPTIONS);
  }

  /** After a run: takes snapshots if they are due. */
  async afterStep(): Promise<void> {
    const { everySeconds = SNAPSHOT_MS / 1000, everySteps = Number.POSITIVE_INFINITY } = this.#options;
    this.#runs++;
    const apart = this.#last.some((snapshot, i) => snapshot !== this.#together[i]);
    const due = performance.now() - this.#time >= 1000 * everySeconds || this.#runs >= everySteps || apart;
    if (!due) return;
    this.#time = performance.now();
    this.#runs = 0;
    try {
      await takeTogether(this.#models.map(({ snapshots }) => snapshots));
    } catch {} // the device is lost or a model disposed; the next call recovers or throws
    this.#together = this.#last;
  }

  /** Moves the models of the graph whose device was lost, those that are only applied as well. @throws DeviceError if it is impossible */
  async move(): Promise<void> {
    this.#setDevice(); // a fit meanwhile has had options of its own
    const trained = this.#step.updates.map(({ model }) => model);
    for (const { calls } of new Set([...trained, ...appliedIn(this.#step.graph)])) {
      const loss = calls.disposed ? undefined : await calls.deviceRecovery.move();
      if (loss) this.#losses.push(loss);
    }
    this.#together = this.#last;
    this.#runs = 0;
  }

  /** Reports what was lost, once. @param what the call, for the message @throws StepsLostError if steps were */
  report(what: string): void {
    const error = stepsLost(what, this.#losses);
    this.#losses = [];
    if (error) throw error;
  }

  #setDevice(): void {
    const { device } = this.#options;
    if (device) for (const compiled of this.#models) compiled.recovery = { device };
  }

  get #models() {
    return [...new Set(this.#step.updates.map(({ compiled }) => compiled))];
  }

  get #last(): readonly Snapshot[] {
    return this.#models.map(({ snapshots }) => snapshots.last);
  }
}
