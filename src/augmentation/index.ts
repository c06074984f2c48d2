/**
 * `neurite/augmentation`: layers that change the images of a training step at random, on the GPU, and leave them as they are in
 * `evaluate` and `predict`. What is drawn depends on the model's seed, the step, the layer's place in the model and the example's
 * place in the batch alone.
 * @module neurite/augmentation
 */
import { registerLayer } from '../nn/layers/index.ts';
import type { LayerOptions, LayerSpec, LayerType } from '../nn/layers/layer.ts';
import { type CutoutOptions, cutoutLayer } from './cutout.ts';
import {
  type RandomCropOptions,
  type RandomFlipOptions,
  type RandomRotationOptions,
  type RandomTranslationOptions,
  type RandomZoomOptions,
  randomCropLayer,
  randomFlipLayer,
  randomRotationLayer,
  randomTranslationLayer,
  randomZoomLayer,
} from './geometry.ts';
import {
  type RandomBrightnessOptions,
  type RandomContrastOptions,
  randomBrightnessLayer,
  randomContrastLayer,
} from './intensity.ts';

export type { DrawRange } from '../ops/perExample.ts';
export {
  centerCrop,
  type FillMode,
  type FlipMode,
  type RandomAffineOptions,
  randomAffine,
  type SamplingOptions,
} from '../ops/randomAffine.ts';
export { type RandomEraseOptions, randomErase } from '../ops/randomErase.ts';
export { type RandomIntensityOptions, randomIntensity } from '../ops/randomIntensity.ts';
export type { CutoutOptions } from './cutout.ts';
export type {
  RandomCropOptions,
  RandomFlipOptions,
  RandomRotationOptions,
  RandomTranslationOptions,
  RandomZoomOptions,
} from './geometry.ts';
export type { RandomBrightnessOptions, RandomContrastOptions } from './intensity.ts';
export type { Factor, MovingOptions } from './options.ts';

const spec = <O extends LayerOptions>(layer: LayerType<O>, options: O): LayerSpec<O> => registerLayer(layer)(options);

/** Mirrors each image with probability 1/2 along each direction of `mode`. Pixels are copied. */
export function randomFlip(options: RandomFlipOptions = {}): LayerSpec<RandomFlipOptions> {
  return spec(randomFlipLayer, options);
}

/**
 * Cuts a window of `height` x `width` pixels out of each image, at a place of its own. In inference the window is at the centre, so that
 * things have the size that they have in training.
 */
export function randomCrop(options: RandomCropOptions): LayerSpec<RandomCropOptions> {
  return spec(randomCropLayer, options);
}

/** Moves each image by a part of its height and width. */
export function randomTranslation(options: RandomTranslationOptions): LayerSpec<RandomTranslationOptions> {
  return spec(randomTranslationLayer, options);
}

/** Turns each image around its centre. */
export function randomRotation(options: RandomRotationOptions): LayerSpec<RandomRotationOptions> {
  return spec(randomRotationLayer, options);
}

/** Makes each image larger or smaller, around its centre. */
export function randomZoom(options: RandomZoomOptions): LayerSpec<RandomZoomOptions> {
  return spec(randomZoomLayer, options);
}

/** Adds a number to all values of each image. */
export function randomBrightness(options: RandomBrightnessOptions): LayerSpec<RandomBrightnessOptions> {
  return spec(randomBrightnessLayer, options);
}

/** Multiplies the distance of all values of each image to the mean of their channel there. */
export function randomContrast(options: RandomContrastOptions): LayerSpec<RandomContrastOptions> {
  return spec(randomContrastLayer, options);
}

/**
 * Sets a square of each image to a value. Its middle may be any pixel, so that a part of it may lie outside of the image.
 * Source: DeVries, Taylor, "Improved regularization of convolutional neural networks with cutout" (2017).
 */
export function cutout(options: CutoutOptions): LayerSpec<CutoutOptions> {
  return spec(cutoutLayer, options);
}

/**
 * Makes all these layers known to `sequential`, which takes plain data as well: for layers that come from another page or worker, or out
 * of JSON. Each function of this module does it for its own layer, and `loadModel` for a model that has one.
 */
export function registerAugmentation(): void {
  for (const layer of [randomFlipLayer, randomCropLayer, randomTranslationLayer, randomRotationLayer, randomZoomLayer])
    registerLayer(layer as LayerType);
  for (const layer of [randomBrightnessLayer, randomContrastLayer, cutoutLayer]) registerLayer(layer as LayerType);
}
