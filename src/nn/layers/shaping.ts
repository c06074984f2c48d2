/** The layers `input`, `flatten`, `reshape`, `zeroPadding2d` and `upSampling2d`, which change shapes and have no weights. */
import { ArgumentError, ShapeError } from '../../errors.ts';
import { type Interpolation, pad2d, reshape, upSampling2d } from '../../ops/index.ts';
import { upSampling } from '../../ops/upSampling2d.ts';
import { explicitPadding, type Pair } from '../../ops/window.ts';
import { shown } from '../../shown.ts';
import { elements, formatShape, type Shape } from '../../tensor.ts';
import { imageShape } from './checks.ts';
import type { LayerOptions, LayerType } from './layer.ts';

/** Declares the shape of the model's input; it computes nothing. */
export const inputLayer: LayerType = {
  type: 'input',
  className: 'InputLayer',
  optionKinds: {},
  build: (_, inputShape) => ({ outputShape: inputShape, weights: [], apply: (x) => x }),
};

export const flattenLayer: LayerType = {
  type: 'flatten',
  className: 'Flatten',
  optionKinds: {},
  build(_, inputShape) {
    const outputShape = [elements(inputShape)];
    return { outputShape, weights: [], apply: (x) => reshape(x, [x.shape[0]!, ...outputShape]) };
  },
};

export interface ReshapeOptions extends LayerOptions {
  /** Shape of one example. One size may be -1; it is computed from the others. */
  readonly targetShape: Shape;
}

export const reshapeLayer: LayerType<ReshapeOptions> = {
  type: 'reshape',
  className: 'Reshape',
  optionKinds: { targetShape: 'any' },
  build({ targetShape }, inputShape, what) {
    if (!Array.isArray(targetShape)) {
      throw new ArgumentError(`${what}: targetShape must be a list of sizes, got ${shown(targetShape)}.`);
    }
    const count = elements(inputShape);
    const known = targetShape.filter((size) => size !== -1);
    const outputShape = targetShape.map((size) => (size === -1 ? count / elements(known) : size));
    const sensible = targetShape.length - known.length <= 1 && outputShape.every((n) => Number.isInteger(n) && n > 0);
    if (!sensible || elements(outputShape) !== count) {
      throw new ShapeError(`${what}: ${formatShape(inputShape)} does not reshape to ${formatShape(targetShape)}.`);
    }
    return { outputShape, weights: [], apply: (x) => reshape(x, [x.shape[0]!, ...outputShape]) };
  },
};

export interface ZeroPadding2dOptions extends LayerOptions {
  /** A number for all sides, `[vertical, horizontal]`, or `[[top, bottom], [left, right]]`. Default 1. */
  readonly padding?:
    | number
    | readonly [number, number]
    | readonly [readonly [number, number], readonly [number, number]];
}

export const zeroPadding2dLayer: LayerType<ZeroPadding2dOptions> = {
  type: 'zeroPadding2d',
  className: 'ZeroPadding2D',
  optionKinds: { padding: 'any' },
  build({ padding = 1 }, inputShape, what) {
    const [height, width, channels] = imageShape(what, inputShape);
    const sides = explicitPadding(what, padding);
    if (!sides) throw new ArgumentError(`${what}: padding must be whole numbers from 0, got ${shown(padding)}.`);
    const [top, bottom, left, right] = sides as [number, number, number, number];
    return {
      outputShape: [height + top + bottom, width + left + right, channels],
      weights: [],
      apply: (x) =>
        pad2d(x, [
          [top, bottom],
          [left, right],
        ]),
    };
  },
};

export interface UpSampling2dOptions extends LayerOptions {
  /** How many times as high and as wide the images become. Default 2. */
  readonly size?: Pair;
  /** Default `nearest`. */
  readonly interpolation?: Interpolation;
}

export const upSampling2dLayer: LayerType<UpSampling2dOptions> = {
  type: 'upSampling2d',
  className: 'UpSampling2D',
  optionKinds: { size: 'any', interpolation: 'any' },
  build(options, inputShape, what) {
    const [height, width, channels] = imageShape(what, inputShape);
    const { size, interpolation } = upSampling(what, options);
    return {
      outputShape: [height * size[0], width * size[1], channels],
      weights: [],
      apply: (x) => upSampling2d(x, { size, interpolation }),
    };
  },
};
