/** The layers `randomFlip`, `randomCrop`, `randomTranslation`, `randomRotation` and `randomZoom`. */
import { ShapeError } from '../errors.ts';
import { imageShape } from '../nn/layers/checks.ts';
import type { BuiltLayer, LayerOptions, LayerType } from '../nn/layers/layer.ts';
import type { DrawRange } from '../ops/perExample.ts';
import { centerCrop, FLIP_MODES, type FlipMode, type RandomAffineOptions, randomAffine } from '../ops/randomAffine.ts';
import { check, checkOneOf } from '../options.ts';
import { formatShape, type Shape } from '../tensor.ts';
import { type Factor, type MovingOptions, rangeOf, samplingOf } from './options.ts';

/** A layer that maps the images of a training step, and leaves all others as they are. */
function mapping(inputShape: Shape, map: Omit<RandomAffineOptions, 'salt'>): BuiltLayer {
  return {
    outputShape: inputShape,
    weights: [],
    apply: (x, _, { training, exampleSeed, index }) =>
      training ? randomAffine(x, exampleSeed(), { salt: index, ...map }) : x,
  };
}

export interface RandomFlipOptions extends LayerOptions {
  /** The directions in which an image may be mirrored, each with probability 1/2. Default `horizontalAndVertical`. */
  readonly mode?: FlipMode;
}

export const randomFlipLayer: LayerType<RandomFlipOptions> = {
  type: 'randomFlip',
  className: 'RandomFlip',
  optionKinds: { mode: 'any' },
  build({ mode = 'horizontalAndVertical' }, inputShape, what) {
    imageShape(what, inputShape);
    checkOneOf(what, 'mode', mode, FLIP_MODES);
    return mapping(inputShape, { flip: mode });
  },
};

export interface RandomCropOptions extends LayerOptions {
  /** Rows of the window. */
  readonly height: number;
  /** Columns of the window. */
  readonly width: number;
}

export const randomCropLayer: LayerType<RandomCropOptions> = {
  type: 'randomCrop',
  className: 'RandomCrop',
  optionKinds: { height: 'count', width: 'count' },
  build({ height, width }, inputShape, what) {
    const [rows, columns, channels] = imageShape(what, inputShape);
    check(what, 'height', height, 'count');
    check(what, 'width', width, 'count');
    if (height > rows || width > columns)
      throw new ShapeError(
        `${what}: a window of ${formatShape([height, width])} does not fit into images of ${formatShape([rows, columns])}.`,
      );
    const crop = [height, width] as const;
    return {
      outputShape: [height, width, channels],
      weights: [],
      apply: (x, _, { training, exampleSeed, index }) =>
        training ? randomAffine(x, exampleSeed(), { salt: index, crop }) : centerCrop(x, crop),
    };
  },
};

export interface RandomTranslationOptions extends MovingOptions {
  /** How far an image moves down, as a part of its height; up, if below 0. */
  readonly heightFactor: Factor;
  /** How far it moves to the right, as a part of its width; to the left, if below 0. */
  readonly widthFactor: Factor;
}

export const randomTranslationLayer: LayerType<RandomTranslationOptions> = {
  type: 'randomTranslation',
  className: 'RandomTranslation',
  optionKinds: { heightFactor: 'any', widthFactor: 'any', interpolation: 'any', fillMode: 'any', fillValue: 'number' },
  build(options, inputShape, what) {
    const [height, width] = imageShape(what, inputShape);
    const pixels = (name: 'heightFactor' | 'widthFactor', size: number): DrawRange => {
      const [least, largest] = rangeOf(what, name, options[name]);
      return [least * size, largest * size];
    };
    const translation = [pixels('heightFactor', height), pixels('widthFactor', width)] as const;
    return mapping(inputShape, { translation, ...samplingOf(what, options) });
  },
};

export interface RandomRotationOptions extends MovingOptions {
  /** How far an image turns counterclockwise, in whole turns: 0.25 is a right angle. */
  readonly factor: Factor;
}

export const randomRotationLayer: LayerType<RandomRotationOptions> = {
  type: 'randomRotation',
  className: 'RandomRotation',
  optionKinds: { factor: 'any', interpolation: 'any', fillMode: 'any', fillValue: 'number' },
  build(options, inputShape, what) {
    imageShape(what, inputShape);
    return mapping(inputShape, { rotation: rangeOf(what, 'factor', options.factor), ...samplingOf(what, options) });
  },
};

export interface RandomZoomOptions extends MovingOptions {
  /** How much more rows an image shows: 0.5 shows half as many again, each smaller; -0.5 the half in the middle, enlarged. Above -1. */
  readonly heightFactor: Factor;
  /** The same of columns. Default: what is drawn for the rows, so that shapes stay. */
  readonly widthFactor?: Factor;
}

/** At -1 all pixels would be the same one. */
const SMALLEST_ZOOM = -0.999;

export const randomZoomLayer: LayerType<RandomZoomOptions> = {
  type: 'randomZoom',
  className: 'RandomZoom',
  optionKinds: { heightFactor: 'any', widthFactor: 'any', interpolation: 'any', fillMode: 'any', fillValue: 'number' },
  build(options, inputShape, what) {
    imageShape(what, inputShape);
    const steps = (name: 'heightFactor' | 'widthFactor'): DrawRange => {
      const [least, largest] = rangeOf(what, name, options[name]!, SMALLEST_ZOOM);
      return [1 + least, 1 + largest];
    };
    const rows = steps('heightFactor');
    const zoom = options.widthFactor === undefined ? ([rows] as const) : ([rows, steps('widthFactor')] as const);
    return mapping(inputShape, { zoom, ...samplingOf(what, options) });
  },
};
