import { ArgumentError } from '../../errors.ts';
import type { Loss } from '../losses.ts';
import type { Layer } from '../network.ts';

/** What a loss on logits cannot be given: probabilities, and for one of two classes numbers of one sign, which never tell the other. */
const UNFIT: Readonly<Record<'softmax' | 'sigmoid', readonly string[]>> = {
  softmax: ['softmax', 'logSoftmax', 'sigmoid'],
  sigmoid: ['sigmoid', 'softmax', 'logSoftmax', 'relu', 'softplus'],
};

/** Layers behind which values are what they were, some of them, or means of some. */
const KEEPING: readonly string[] = [
  ...['input', 'flatten', 'reshape', 'dropout', 'activation', 'zeroPadding2d'],
  ...['maxPool2d', 'avgPool2d', 'globalAvgPool2d'],
];

/** @throws ArgumentError where what reaches a loss that takes logits cannot be logits */
export function checkLossInput({ name, includes }: Loss, layers: readonly Layer[]): void {
  if (!includes) return;
  for (const layer of layers.toReversed()) {
    const { activation = 'linear' } = layer.options as { activation?: string };
    if (UNFIT[includes].includes(activation)) {
      const other = includes === 'softmax' ? 'sigmoid' : 'softmax';
      const hint =
        activation !== other
          ? activation === 'logSoftmax' && includes === 'softmax'
            ? ' The loss is the same: softmax(logSoftmax(z)) is softmax(z).'
            : ''
          : includes === 'softmax'
            ? ' For labels that do not exclude one another there is binaryCrossentropy.'
            : ' For classes that exclude one another there is categoricalCrossentropy.';
      throw new ArgumentError(
        `compile: ${name} takes logits and applies ${includes} itself, so layer '${layer.name}' must not end with ` +
          `${activation}; leave it linear.${hint}`,
      );
    }
    // These leave probabilities as they are.
    if (!KEEPING.includes(layer.type) || !['linear', 'relu', 'elu', 'leakyRelu'].includes(activation)) return;
  }
}
