import { ShapeError } from '../../errors.ts';
import { biasAdd, matmul } from '../../ops/index.ts';
import { check } from '../../options.ts';
import { formatShape } from '../../tensor.ts';
import { type ActivationName, activate, checkActivation } from '../activations.ts';
import { checkInitializer, type Initializer } from '../initializers.ts';
import type { LayerOptions, LayerType, WeightSpec } from './layer.ts';

export interface DenseOptions extends LayerOptions {
  /** Number of outputs. */
  readonly units: number;
  /** Default `linear`. */
  readonly activation?: ActivationName;
  /** Default true. */
  readonly useBias?: boolean;
  /** Default `glorotUniform`. */
  readonly kernelInitializer?: Initializer;
  /** Default `zeros`. */
  readonly biasInitializer?: Initializer;
}

/** y = activation(x w + b), x `[n, in]`, w `[in, units]`. */
export const denseLayer: LayerType<DenseOptions> = {
  type: 'dense',
  className: 'Dense',
  optionKinds: {
    units: 'any',
    activation: 'any',
    useBias: 'boolean',
    kernelInitializer: 'any',
    biasInitializer: 'any',
  },
  build(options, inputShape, what) {
    const { units, activation = 'linear', useBias = true } = options;
    const { kernelInitializer = 'glorotUniform', biasInitializer = 'zeros' } = options;
    check(what, 'units', units, 'count');
    checkActivation(what, activation);
    checkInitializer(what, 'kernelInitializer', kernelInitializer);
    checkInitializer(what, 'biasInitializer', biasInitializer);
    if (inputShape.length !== 1) {
      throw new ShapeError(`${what} takes vectors, got ${formatShape(inputShape)}; put layers.flatten() before it.`);
    }
    const kernel: WeightSpec = {
      name: 'kernel',
      shape: [inputShape[0]!, units],
      initializer: kernelInitializer,
      trainable: true,
    };
    const bias: WeightSpec = { name: 'bias', shape: [units], initializer: biasInitializer, trainable: true };
    return {
      outputShape: [units],
      weights: useBias ? [kernel, bias] : [kernel],
      apply(x, [w, b]) {
        const y = matmul(x, w!);
        return activate(b ? biasAdd(y, b) : y, activation);
      },
    };
  },
};
