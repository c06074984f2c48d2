/** Shapes and parameters of one convolutional layer, by the formulas. */

export interface ConvLayer {
  /** Pictures in a batch. */
  readonly n: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernels: number;
  /** Height and width of a kernel. */
  readonly size: number;
  readonly stride: number;
  readonly padding: 'valid' | 'same';
}

/** ⌊(size − kernel) / stride⌋ + 1 without padding; ⌈size / stride⌉ with `same`. */
export function outputSize(size: number, layer: Pick<ConvLayer, 'size' | 'stride' | 'padding'>): number {
  if (layer.padding === 'same') return Math.ceil(size / layer.stride);
  return Math.floor((size - layer.size) / layer.stride) + 1;
}

/** `[n, height, width, kernels]` */
export const outputShape = (layer: ConvLayer): [n: number, height: number, width: number, kernels: number] => [
  layer.n,
  outputSize(layer.height, layer),
  outputSize(layer.width, layer),
  layer.kernels,
];

/** Of each kernel its numbers and an intercept. */
export const parameters = ({ size, channels, kernels }: ConvLayer): number => (size * size * channels + 1) * kernels;
