/** Predictions of a compiled model: its outputs, or the probabilities that its loss makes of them. */
import { type Dataset, type ExampleStream, isStream } from '../../data/dataset.ts';
import type { InputData } from '../../data/input.ts';
import { UploadedPictures } from '../../data/uploadedPictures.ts';
import { ArgumentError } from '../../errors.ts';
import { NDArray } from '../../ndarray/ndarray.ts';
import { checkOneOf, checkOptions, type Kind } from '../../options.ts';
import { elements } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import { PicturePredictor } from '../execute/picturePredictor.ts';
import { type Batches, batchesOf, batchSizeOf, range } from './batching.ts';
import { examplesAtOnce, noStep, runEpoch } from './epoch.ts';
import { asInputs } from './targets.ts';

export interface PredictOptions {
  /** Default 32. */
  readonly batchSize?: number;
  /**
   * `probabilities` applies to the logits what the loss applies: softmax, or sigmoid for binaryCrossentropy. Default: the
   * model's outputs as they are.
   */
  readonly as?: 'probabilities';
}

/** The type of each option, for `checkOptions`. */
export const PREDICT_OPTIONS = { batchSize: 'count', as: 'any' } as const satisfies Record<keyof PredictOptions, Kind>;

/**
 * Checks the options of `predict`.
 * @returns a copy
 * @throws ArgumentError, StateError for options that do not exist or do not fit the model
 */
export function predictOptions(compiled: Compiled, options: PredictOptions): PredictOptions {
  checkOptions('predict', options, PREDICT_OPTIONS);
  if (options.as !== undefined) {
    checkOneOf('predict', 'as', options.as, ['probabilities']);
    logitsActivation('predict', compiled);
  }
  return { ...options };
}

/** What the loss applies to logits. @throws ArgumentError, StateError if there is no loss that takes logits */
export function logitsActivation(what: string, compiled: Compiled): 'softmax' | 'sigmoid' {
  compiled.checkLoss(what);
  const { name, includes } = compiled.spec.loss!;
  if (includes) return includes;
  throw new ArgumentError(
    `${what}: probabilities need a loss that takes logits, a cross-entropy, and the model was compiled with ${name}. ` +
      'predict(x) gives its outputs as they are.',
  );
}

/**
 * What predictions are made of. Pictures that the browser has on the GPU stay there; not in mixed precision, whose steps are not
 * built from them, nor under a memory limit, which leaves no room for a step beside the others.
 */
export function predictionInput(
  what: string,
  compiled: Compiled,
  x: InputData | Dataset | ExampleStream,
): Dataset | ExampleStream | UploadedPictures {
  const { device, network } = compiled;
  const { inputShape } = network;
  const plain = compiled.spec.precision === 'float32' && compiled.memoryLimit === undefined;
  const onGpu = plain && !device.isSoftware && !device.lost;
  return (onGpu && UploadedPictures.of(device.gpu, x, inputShape)) || asInputs(what, x, inputShape);
}

/** A model's outputs for a dataset, `[size, ...outputShape]`. */
export async function predictWith(
  compiled: Compiled,
  input: Dataset | ExampleStream | UploadedPictures,
  { batchSize, as }: PredictOptions,
): Promise<NDArray<Float32Array>> {
  const { outputShape } = compiled.network;
  const length = elements(outputShape);
  const data =
    input instanceof UploadedPictures
      ? await outputsOfPictures(compiled, input, batchSize)
      : await outputsOf(compiled, input, batchSize);
  if (as) toProbabilities(data, logitsActivation('predict', compiled), length);
  return new NDArray(data, [data.length / length, ...outputShape], 'float32');
}

async function outputsOfPictures(compiled: Compiled, pictures: UploadedPictures, batchSize = 32) {
  try {
    if (compiled.device.gpu === pictures.gpu) {
      const predictor = await PicturePredictor.get(compiled.runners, Math.min(pictures.shape[0], batchSize));
      return await predictor.run(pictures);
    }
  } finally {
    pictures.destroy();
  }
  // The device was lost with the pictures on it: what they came from gives them again.
  return outputsOf(compiled, asInputs('predict', pictures.sources, compiled.network.inputShape), batchSize);
}

async function outputsOf(
  compiled: Compiled,
  dataset: Dataset | ExampleStream,
  batchSize: number | undefined,
): Promise<Float32Array> {
  const length = elements(compiled.network.outputShape);
  const most = batchSizeOf(dataset, batchSize);
  const runner = await compiled.runner('predict', dataset, most);
  const size = examplesAtOnce(runner, dataset, most);
  const parts: Float32Array[] = [];
  /** Room for all outputs, if their number is known. */
  const all = isStream(dataset) ? undefined : new Float32Array(dataset.size * length);
  const predict = (batches: Batches) =>
    runEpoch(runner, batches, noStep, {
      onStep: (batch, count, values) => {
        const outputs = values.subarray(0, count * length); // the next step overwrites them
        if (all) all.set(outputs, batch * size * length);
        else parts.push(outputs.slice());
      },
    });
  if (isStream(dataset)) {
    const { withStream } = await import('./streamBatches.ts'); // few pages have streams
    await withStream(compiled, dataset, { size, splits: true, labelled: false }, predict);
  } else await predict(batchesOf(dataset, range(dataset.size), {}, size));
  return all ?? joined(parts);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const data = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}

/** Overwrites logits by probabilities. They are few beside the model's work, so the host computes them, in double precision. */
function toProbabilities(logits: Float32Array, activation: 'softmax' | 'sigmoid', classes: number): void {
  if (activation === 'sigmoid') {
    for (let i = 0; i < logits.length; i++) logits[i] = 1 / (1 + Math.exp(-logits[i]!));
    return;
  }
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const largest = row.reduce((most, logit) => Math.max(most, logit));
    const powers = Float64Array.from(row, (logit) => Math.exp(logit - largest)); // the largest is 1, so none is infinite
    const sum = powers.reduce((total, power) => total + power, 0);
    row.set(powers.map((power) => power / sum));
  }
}
