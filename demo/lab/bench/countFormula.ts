/** How many parameters a layer has, as a formula: `(5·5 + 1)·32`. */
import { formatCount } from '../../format.ts';

interface Counted {
  type: string;
  /** Shapes as Keras has them: kernels are HWIO or `[inputs, outputs]`. */
  weights: readonly { name: string; shape: readonly number[] }[];
}

const product = (shape: readonly number[]) => shape.reduce((all, size) => all * size, 1);

export const countOf = ({ weights }: Counted) => weights.reduce((sum, { shape }) => sum + product(shape), 0);

/** Undefined for a layer without parameters. */
export function countFormula({ type, weights }: Counted): string | undefined {
  const kernel = weights.find(({ name }) => /kernel$/i.test(name))?.shape;
  const bias = weights.some(({ name }) => name.endsWith('bias'));
  if (!kernel) return weights.length > 0 ? `${weights.length}·${formatCount(product(weights[0]!.shape))}` : undefined;
  const depthwise = type === 'depthwiseConv2d';
  const outputs = depthwise ? product(kernel.slice(2)) : kernel.at(-1)!;
  const taps = depthwise ? kernel.slice(0, 2) : kernel.slice(0, -1);
  // A factor of 1, a grey picture's only channel, says nothing.
  const inputs = taps
    .filter((size, i) => i < 2 || size > 1)
    .map(formatCount)
    .join('·');
  return `${bias ? `(${inputs} + 1)` : inputs}·${formatCount(outputs)}`;
}
