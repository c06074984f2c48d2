/** Measures a training run while it runs, and reports its progress. */
import type { Callback, Logs } from 'neurite';
import type { EpochLogs, TrainResult } from '../protocol.ts';
import type { Report } from './data.ts';

/** Least time between two reports of batches to Node. */
const REPORT_EVERY = 100;

export interface Watch {
  readonly callback: Callback;
  results(): Pick<TrainResult, 'examples' | 'validationExamples' | 'history' | 'batches'>;
}

/**
 * A callback that measures a training run, keeps its numbers and reports them as they come.
 * @param total images to train on and to validate on
 */
export function watchTraining(report: Report, total: number): Watch {
  const history: EpochLogs[] = [];
  const batches: TrainResult['batches'] = { loss: [], accuracy: [] };
  let [examples, validationExamples] = [total, 0];
  let sums = { loss: 0, accuracy: 0, seen: 0 };
  let began = 0;
  let trained = 0;
  let reported = 0;
  // Until it has been measured, a validation image is estimated at a third of a training image, because it has no
  // backward pass.
  let validationSeconds: number | undefined;
  const callback: Callback = {
    onTrainBegin(training) {
      examples = training.examples!; // the data are in memory, so their number is known
      validationExamples = total - examples;
      report({ type: 'fit', examples, validationExamples, stepsPerEpoch: training.stepsPerEpoch! });
    },
    onEpochBegin() {
      sums = { loss: 0, accuracy: 0, seen: 0 };
      began = performance.now();
    },
    onBatchLogs(batch, { size, loss = 0, accuracy = 0 }, { epochs, stepsPerEpoch }) {
      batches.loss.push(loss);
      batches.accuracy.push(accuracy);
      sums = { loss: sums.loss + loss * size, accuracy: sums.accuracy + accuracy * size, seen: sums.seen + size };
      trained = performance.now();
      const step = batch + 1;
      if (trained - reported < REPORT_EVERY && step < stepsPerEpoch!) return;
      reported = trained;
      const epoch = history.length;
      const { seen } = sums;
      const imagesPerSecond = (1000 * seen) / (trained - began);
      const validation = validationSeconds ?? validationExamples / (3 * imagesPerSecond);
      const left = (epochs - epoch) * (examples / imagesPerSecond + validation) - seen / imagesPerSecond;
      report({
        type: 'batch',
        epoch,
        step,
        steps: stepsPerEpoch!,
        imagesPerSecond,
        secondsLeft: left,
        loss: sums.loss / seen,
        accuracy: sums.accuracy / seen,
      });
    },
    onEpochEnd(epoch, logs) {
      const now = performance.now();
      validationSeconds = (now - trained) / 1000;
      const entry = {
        ...epochLogs(logs),
        imagesPerSecond: (1000 * sums.seen) / (trained - began),
        seconds: (now - began) / 1000,
      };
      history.push(entry);
      report({ type: 'epoch', epoch, ...entry });
    },
  };
  return { callback, results: () => ({ examples, validationExamples, history, batches }) };
}

function epochLogs({ loss = Number.NaN, accuracy = Number.NaN, valLoss, valAccuracy }: Logs) {
  return {
    loss,
    accuracy,
    ...(valLoss === undefined ? {} : { valLoss }),
    ...(valAccuracy === undefined ? {} : { valAccuracy }),
  };
}
