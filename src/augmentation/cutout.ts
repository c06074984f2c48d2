/** The layer `cutout`. */
import { imageShape } from '../nn/layers/checks.ts';
import type { LayerOptions, LayerType } from '../nn/layers/layer.ts';
import { randomErase } from '../ops/randomErase.ts';
import { type Pair, pair } from '../ops/window.ts';
import { check } from '../options.ts';

export interface CutoutOptions extends LayerOptions {
  /** Rows and columns of the square, or `[height, width]` of a rectangle, in pixels. */
  readonly size: Pair;
  /** The value that its pixels get. Default 0. */
  readonly fillValue?: number;
}

export const cutoutLayer: LayerType<CutoutOptions> = {
  type: 'cutout',
  className: 'RandomCutout',
  optionKinds: { size: 'any', fillValue: 'number' },
  build({ size, fillValue = 0 }, inputShape, what) {
    imageShape(what, inputShape);
    const rectangle = pair(`${what}: size`, size);
    check(what, 'fillValue', fillValue, 'number');
    return {
      outputShape: inputShape,
      weights: [],
      apply: (x, _, { training, exampleSeed, index }) =>
        training ? randomErase(x, exampleSeed(), { salt: index, size: rectangle, fillValue }) : x,
    };
  },
};
