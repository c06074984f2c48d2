import { ArgumentError } from '../../errors.ts';
import type { Loss } from '../losses.ts';
import type { Layer } from '../network.ts';

/**
 * Activations that must not end a model whose loss applies softmax or sigmoid itself. They give probabilities or, for sigmoid,
 * numbers of one sign, from which only one of the two classes could ever be predicted.
 */
const UNFIT: Readonly<Record<'softmax' | 'sigmoid', readonly string[]>> = {
  softmax: ['softmax', 'logSoftmax', 'sigmoid'],
  sigmoid: ['sigmoid', 'softmax', 'logSoftmax', 'relu', 'softplus'],
};

/** Layers that keep, repeat, select or average their inputs, so that an unsuitable activation before them still reaches the loss. */
const KEEPING: readonly string[] = [
  'input',
  'flatten',
  'reshape',
  'dropout',
  'activation',
  'zeroPadding2d',
  'upSampling2d',
  'maxPool2d',
  'avgPool2d',
  'globalAvgPool2d',
];

/** @throws ArgumentError if the loss takes logits and the model's output cannot be logits */
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
          `${activation}; leave it linear, and predict(x, { as: 'probabilities' }) gives probabilities.${hint}`,
      );
    }
    // Probabilities pass these activations unchanged. Any other layer or activation ends the search.
    if (!KEEPING.includes(layer.type) || !['linear', 'relu', 'elu', 'leakyRelu'].includes(activation)) return;
  }
}
