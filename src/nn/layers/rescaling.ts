import { add, mul } from '../../ops/index.ts';
import { check } from '../../options.ts';
import type { Variable } from '../../tensor.ts';
import type { LayerOptions, LayerType } from './layer.ts';

export interface RescalingOptions extends LayerOptions {
  /** Factor of every value, for instance 1 / 255 for bytes, or 1 / sqrt(width). */
  readonly scale: number;
  /** Added to every value after that. Default 0. */
  readonly offset?: number;
}

/** y = x scale + offset, of any shape. Both are constants, which training does not change. */
export const rescalingLayer: LayerType<RescalingOptions> = {
  type: 'rescaling',
  className: 'Rescaling',
  optionKinds: { scale: 'number', offset: 'number' },
  build({ scale, offset = 0 }, inputShape, what) {
    check(what, 'scale', scale, 'number');
    // They are made once, so that all graphs share them.
    const constant = (name: string, value: number): Variable => ({
      name: `${what}/${name}`,
      shape: [1],
      dtype: 'f32',
      initial: () => Float32Array.of(value),
    });
    const factor = constant('scale', scale);
    const shift = constant('offset', offset);
    return {
      outputShape: inputShape,
      weights: [],
      apply(x, _, { graph }) {
        const scaled = mul(x, graph.variable(factor));
        return offset === 0 ? scaled : add(scaled, graph.variable(shift));
      },
    };
  },
};
