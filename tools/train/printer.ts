/** Prints a training run in the terminal, from its events. */
import { relative } from 'node:path';
import { Progress } from './progress.ts';
import type { BatchEvent, EpochLogs, TrainEvent, TrainOptions, TrainResult } from './protocol.ts';
import {
  clock,
  confusionTable,
  describeImages,
  describeRecovered,
  describeSource,
  epochTable,
  fixed,
  listSegments,
  movementTable,
  testTable,
} from './text.ts';

/** Prints the progress and the results of a run on stdout. */
export class Printer {
  readonly #options: TrainOptions;
  readonly #progress = new Progress();
  #validates = false;

  constructor(options: TrainOptions) {
    this.#options = options;
  }

  begin(version: string): void {
    const {
      model,
      segments,
      testSegments,
      images,
      testImages,
      batchSize,
      epochs,
      optimizer,
      learningRate,
      schedule,
      seed,
    } = this.#options;
    this.#print(
      `neurite ${version} trains '${model}': ${epochs} epoch${epochs === 1 ? '' : 's'}, batches of ${batchSize}, ` +
        `${optimizer} with ${schedule} learning rate ${learningRate}, seed ${seed}`,
      `data     ${describeImages(this.#options, segments, images)}`,
      testSegments.length > 0
        ? `test     ${describeImages(this.#options, testSegments, testImages)}`
        : 'test     none: the folder has no files of the test segments',
    );
    const both = segments.filter((segment) => testSegments.includes(segment));
    if (both.length > 0) {
      this.#print(`note     trained and tested on segment ${listSegments(both)}: no measure of unseen sessions`);
    }
  }

  event(event: TrainEvent): void {
    switch (event.type) {
      case 'adapter':
        this.#print(`adapter  ${event.description}${event.software ? ': training is slow here' : ''}`);
        break;
      case 'summary':
        this.#print('', event.text, '');
        break;
      case 'progress':
        this.#progress.update(event.what, event.done, event.total, event.unit);
        break;
      case 'fit':
        this.#validates = event.validationExamples > 0;
        this.#print(`${event.examples} images to train on, ${event.validationExamples} to validate on`);
        break;
      case 'batch':
        this.#batch(event);
        break;
      case 'epoch':
        this.#epoch(event.epoch, event);
        break;
    }
  }

  /** Prints a notice that is not an error. */
  note(text: string): void {
    this.#progress.end();
    console.error(text);
  }

  results(result: TrainResult): void {
    const { history, movement, test, recovered } = result;
    if (!Number.isFinite(history.at(-1)!.loss))
      this.note('note     the loss is no longer a number: a smaller --learning-rate may do');
    this.#print('', `training on ${describeSource(this.#options)}`, ...epochTable(history));
    this.#print('', 'how far weights moved (root mean squares)', ...movementTable(movement));
    if (test) {
      const segments = listSegments(this.#options.testSegments);
      this.#print('', `test on ${describeSource(this.#options)}, segments ${segments}`, ...testTable(test));
      this.#print(
        `test accuracy ${fixed(test.accuracy)} on ${describeSource(this.#options)}`,
        '',
        ...confusionTable(test),
      );
    }
    this.#print('', describeRecovered(recovered));
  }

  saved(folder: string, files: readonly string[]): void {
    const near = relative(process.cwd(), folder);
    const names = `${files.slice(0, -1).join(', ')} and ${files.at(-1)}`;
    this.#print('', `saved ${names} in ${near.startsWith('..') ? folder : near}`);
  }

  end(): void {
    this.#progress.end();
  }

  #batch({ epoch, step, steps, loss, accuracy, imagesPerSecond, secondsLeft }: BatchEvent): void {
    const what = `epoch ${epoch + 1}/${this.#options.epochs}`;
    const numbers = ` loss ${fixed(loss, 3)}  accuracy ${fixed(accuracy, 3)}  ${imagesPerSecond.toFixed(0)} images/s`;
    const then = step === steps && this.#validates ? 'validating' : `${clock(secondsLeft)} left`;
    this.#progress.update(what, step, steps, `${numbers}  ${then}`);
  }

  #epoch(epoch: number, { valLoss, valAccuracy, seconds, ...trained }: EpochLogs): void {
    const validation = valLoss === undefined ? '' : `  val loss ${fixed(valLoss)}  val accuracy ${fixed(valAccuracy)}`;
    const what = `epoch ${epoch + 1}/${this.#options.epochs}`;
    this.#progress.end(
      `${what}  loss ${fixed(trained.loss)}  accuracy ${fixed(trained.accuracy)}${validation}  ${clock(seconds)}`,
    );
  }

  #print(...lines: string[]): void {
    this.#progress.end();
    console.log(lines.join('\n'));
  }
}
