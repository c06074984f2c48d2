/** The layers `randomBrightness` and `randomContrast`. */
import { ArgumentError } from '../errors.ts';
import { imageShape } from '../nn/layers/checks.ts';
import type { BuiltLayer, LayerOptions, LayerType } from '../nn/layers/layer.ts';
import type { DrawRange } from '../ops/perExample.ts';
import { type RandomIntensityOptions, randomIntensity } from '../ops/randomIntensity.ts';
import { isNumber } from '../options.ts';
import { shown } from '../shown.ts';
import type { Shape } from '../tensor.ts';
import { type Factor, rangeOf } from './options.ts';

interface IntensityOptions extends LayerOptions {
  /** How far the values change. */
  readonly factor: Factor;
  /** The least and the largest value of a pixel. What goes beyond is cut off. Default [0, 255]. */
  readonly valueRange?: DrawRange;
}

/** @throws ArgumentError unless it is [low, high], low below high */
function valueRangeOf(what: string, { valueRange = [0, 255] }: IntensityOptions): DrawRange {
  const ok =
    Array.isArray(valueRange) && valueRange.length === 2 && valueRange.every(isNumber) && valueRange[0] < valueRange[1];
  if (!ok)
    throw new ArgumentError(`${what}: valueRange must be [least, largest], such as [0, 1], got ${shown(valueRange)}.`);
  return valueRange;
}

/** A layer that changes the images of a training step, and leaves all others as they are. */
function changing(inputShape: Shape, change: Omit<RandomIntensityOptions, 'salt'>): BuiltLayer {
  return {
    outputShape: inputShape,
    weights: [],
    apply: (x, _, { training, exampleSeed, index }) =>
      training ? randomIntensity(x, exampleSeed(), { salt: index, ...change }) : x,
  };
}

export interface RandomBrightnessOptions extends IntensityOptions {
  /** What is added to all values of an image, as a part of the width of `valueRange`. */
  readonly factor: Factor;
}

export const randomBrightnessLayer: LayerType<RandomBrightnessOptions> = {
  type: 'randomBrightness',
  className: 'RandomBrightness',
  optionKinds: { factor: 'any', valueRange: 'any' },
  build(options, inputShape, what) {
    imageShape(what, inputShape);
    const valueRange = valueRangeOf(what, options);
    const [least, largest] = rangeOf(what, 'factor', options.factor);
    const width = valueRange[1] - valueRange[0];
    return changing(inputShape, { brightness: [least * width, largest * width], valueRange });
  },
};

export interface RandomContrastOptions extends IntensityOptions {
  /**
   * How much farther from the mean of its channel a value gets: with 0.3 by a factor from 0.7 to 1.3, with [0.1, 0.5], as in Keras, by
   * one from 1 - 0.1 to 1 + 0.5.
   */
  readonly factor: Factor;
}

export const randomContrastLayer: LayerType<RandomContrastOptions> = {
  type: 'randomContrast',
  className: 'RandomContrast',
  optionKinds: { factor: 'any', valueRange: 'any' },
  build(options, inputShape, what) {
    imageShape(what, inputShape);
    const valueRange = valueRangeOf(what, options);
    const { factor } = options;
    const parts = isNumber(factor) ? [factor, factor] : factor;
    const ok =
      Array.isArray(parts) && parts.length === 2 && parts.every((part) => isNumber(part) && part >= 0 && part <= 1);
    if (!ok)
      throw new ArgumentError(`${what}: factor must be a number, or [less, more], from 0 to 1, got ${shown(factor)}.`);
    return changing(inputShape, { contrast: [1 - parts[0]!, 1 + parts[1]!], valueRange });
  },
};
