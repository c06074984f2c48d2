import { avgPool2d, globalAvgPool2d, maxPool2d } from '../../ops/index.ts';
import { type Padding, type Pair, pair, windowGeometry } from '../../ops/window.ts';
import type { Tensor } from '../../tensor.ts';
import { imageShape } from './checks.ts';
import type { LayerOptions, LayerType } from './layer.ts';

export interface PoolOptions extends LayerOptions {
  /** Default 2. */
  readonly poolSize?: Pair;
  /** Default `poolSize`. */
  readonly strides?: Pair;
  /** Default `valid`. */
  readonly padding?: Padding;
}

type Pool = (x: Tensor, options: { poolSize: Pair; strides: Pair; padding: Padding }) => Tensor;

function poolLayer(type: string, className: string, pool: Pool): LayerType<PoolOptions> {
  return {
    type,
    className,
    optionKinds: { poolSize: 'any', strides: 'any', padding: 'any' },
    build({ poolSize = 2, strides = poolSize, padding = 'valid' }, inputShape, what) {
      const [height, width, channels] = imageShape(what, inputShape);
      const size = pair(`${what}: poolSize`, poolSize);
      const { outHeight, outWidth } = windowGeometry(what, [height, width], size, { strides, padding });
      return {
        outputShape: [outHeight, outWidth, channels],
        weights: [],
        apply: (x) => pool(x, { poolSize, strides, padding }),
      };
    },
  };
}

export const maxPool2dLayer = poolLayer('maxPool2d', 'MaxPooling2D', maxPool2d);
export const avgPool2dLayer = poolLayer('avgPool2d', 'AveragePooling2D', avgPool2d);

export const globalAvgPool2dLayer: LayerType = {
  type: 'globalAvgPool2d',
  className: 'GlobalAveragePooling2D',
  optionKinds: {},
  build(_, inputShape, what) {
    const channels = imageShape(what, inputShape)[2];
    return { outputShape: [channels], weights: [], apply: (x) => globalAvgPool2d(x) };
  },
};
