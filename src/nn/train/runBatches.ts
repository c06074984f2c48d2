/** The batches of a run of `fit`: those of its epochs, in their order, and those of its validations. */
import { isStream } from '../../data/dataset.ts';
import type { StreamPlace } from '../../data/stream/batchReader.ts';
import { shuffle } from '../../random.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import type { TrainingPosition } from '../recovery/snapshots.ts';
import { type Batches, batchesOf } from './batching.ts';
import type { FitSetup } from './fitRun.ts';
import { StreamBatches } from './streamBatches.ts';
import type { TrainingControls } from './trainingControls.ts';

/** Number of the random stream for the order of examples; it differs from the streams of the initial weights. */
const SHUFFLE_STREAM = 0x5f0f;

export class RunBatches {
  readonly #setup: FitSetup;
  readonly #controls: TrainingControls;
  #training: StreamBatches | undefined;
  #validating: StreamBatches | undefined;

  constructor(setup: FitSetup, controls: TrainingControls) {
    this.#setup = setup;
    this.#controls = controls;
  }

  /** The batches of an epoch, from the position on. */
  epoch(runner: StepRunner, { step, stream }: TrainingPosition): Batches {
    const { compiled, dataset, rows, weights, stepsPerEpoch, watch } = this.#setup;
    const { progress, seed } = compiled;
    const { batchSize: size } = runner.step;
    if (!isStream(dataset)) {
      const order = rows!.slice();
      if (this.#setup.shuffle) shuffle(order, seed, SHUFFLE_STREAM, progress.epochs);
      return batchesOf(dataset, order.subarray(step * size), weights, size);
    }
    const { pass, batch } = stream ?? { pass: progress.epochs, batch: 0 };
    this.#training ??= new StreamBatches(compiled, dataset, {
      size,
      weights,
      from: { pass, batch: batch + step },
      endless: stepsPerEpoch !== undefined,
      repeats: watch ? runner.mostUnderWay : 0,
      wait: (reading) => this.#controls.until(reading),
    });
    this.#training.begin((stepsPerEpoch ?? Number.POSITIVE_INFINITY) - step);
    return this.#training;
  }

  /** Ends an epoch. @returns where the next one begins, if a stream goes on there */
  async endEpoch(): Promise<StreamPlace | undefined> {
    if (this.#setup.stepsPerEpoch !== undefined) return this.#training?.place;
    await this.close();
    return undefined;
  }

  /** The batches of a validation. */
  validation(runner: StepRunner): Batches {
    const { compiled, validation, validationRows, validationWeights: weights } = this.#setup;
    const { batchSize: size } = runner.step;
    if (!isStream(validation)) return batchesOf(validation!, validationRows!, weights, size);
    const wait = <T>(reading: Promise<T>) => this.#controls.until(reading);
    this.#validating = new StreamBatches(compiled, validation, { size, splits: true, wait });
    return this.#validating;
  }

  async endValidation(): Promise<void> {
    const ended = this.#validating;
    this.#validating = undefined;
    await ended?.close();
  }

  /** Closes all sources that are open. */
  async close(): Promise<void> {
    const ended = this.#training;
    this.#training = undefined;
    await Promise.all([ended?.close(), this.endValidation()]);
  }
}
