import type { BatchLogs, Callback, Logs } from '../nn/train/callbacks.ts';
import { check, checkOneOf, checkOptions, type Kind } from '../options.ts';
import { EventFile, node } from './eventFile.ts';
import type { Value } from './events.ts';
import { histogramOf } from './histogram.ts';

export interface TensorBoardOptions {
  /**
   * How often loss and metrics of training are written: after each epoch, or besides after each batch, or after every so many
   * batches. Default `epoch`.
   */
  readonly updateFreq?: 'epoch' | 'batch' | number;
  /** Every so many epochs, histograms of the weights are written. Default 0: never. */
  readonly histogramFreq?: number;
}

/** The type of each option, for `checkOptions`. */
export const TENSOR_BOARD_OPTIONS = { updateFreq: 'any', histogramFreq: 'countFrom0' } as const satisfies Record<
  keyof TensorBoardOptions,
  Kind
>;

/** Names of validation's logs. */
const OF_VALIDATION = /^val([A-Z])/;

/**
 * Writes loss and metrics into files that TensorBoard shows, as Keras' callback does: those of training in `folder/train`, those
 * of validation in `folder/validation`. The tags of an epoch are `epoch_loss`, `epoch_accuracy`, …, and
 * `epoch_learning_rate`; its step is the epoch, counted from 0. Those of a batch are `batch_loss`, `batch_accuracy`, …;
 * their step is the number of batches so far. Each `fit` begins new files in the folder, and keeps those that are there. It
 * needs Node 20.16 or newer.
 * @throws ArgumentError for options that do not exist or have a wrong type; StateError where there is no file system
 */
export function tensorBoard(folder: string, options: TensorBoardOptions = {}): Callback {
  check('tensorBoard', 'folder', folder, 'text');
  checkOptions('tensorBoard', options, TENSOR_BOARD_OPTIONS);
  const { updateFreq = 'epoch', histogramFreq = 0 } = options;
  if (typeof updateFreq === 'number') check('tensorBoard', 'updateFreq', updateFreq, 'count');
  else checkOneOf('tensorBoard', 'updateFreq', updateFreq, ['epoch', 'batch']);
  const { join } = node().getBuiltinModule('node:path');
  const everyBatches = updateFreq === 'batch' ? 1 : updateFreq;

  let training: EventFile;
  let validation: EventFile;
  let epoch = 0;
  /** Steps before the first epoch, for data whose number of steps is not known yet. */
  let before = 0;
  const begin = (initialEpoch: number) => {
    training = new EventFile(join(folder, 'train'));
    validation = new EventFile(join(folder, 'validation'));
    epoch = initialEpoch;
  };
  const ofEpochs: Callback = {
    onTrainBegin({ initialEpoch, startAtStep, model }) {
      begin(initialEpoch);
      before = initialEpoch === 0 ? 0 : model.iterations - startAtStep;
    },
    onEpochBegin(begun) {
      epoch = begun;
    },
    async onEpochEnd(ended, logs, { model }) {
      if (Object.keys(logs).length === 0) return; // all of its steps were done before
      // First what may fail: after the loss of a device the hook is called again, and nothing may be written twice.
      const weights = histogramFreq > 0 && ended % histogramFreq === 0 ? await model.getWeights() : [];
      const rate = { tag: 'epoch_learning_rate', value: model.learningRate };
      const histograms = weights.flatMap(({ name, data }) => {
        const value = histogramOf(data);
        return value ? [{ tag: `${name}/histogram`, value }] : [];
      });
      training.write(ended, [...scalars('epoch', logs), rate, ...histograms]);
      validation.write(ended, scalars('epoch', validationOf(logs)));
    },
  };
  if (everyBatches === 'epoch') return ofEpochs;
  return {
    ...ofEpochs,
    onBatchLogs(batch, { size, ...logs }: BatchLogs, { stepsPerEpoch }) {
      const step = (stepsPerEpoch === undefined ? before : epoch * stepsPerEpoch) + batch + 1;
      if (step % everyBatches === 0) training.write(step, scalars('batch', logs));
    },
  };
}

/** Loss and metrics of training. */
function scalars(prefix: 'epoch' | 'batch', logs: Logs): Value[] {
  return Object.entries(logs).flatMap(([name, value]) =>
    OF_VALIDATION.test(name) ? [] : [{ tag: `${prefix}_${name}`, value }],
  );
}

/** Loss and metrics of validation, by the names of training: both have a curve in the same chart. */
function validationOf(logs: Logs): Logs {
  return Object.fromEntries(
    Object.entries(logs).flatMap(([name, value]) =>
      OF_VALIDATION.test(name) ? [[name.replace(OF_VALIDATION, (_, first: string) => first.toLowerCase()), value]] : [],
    ),
  );
}
