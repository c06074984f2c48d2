/** How a layer's weights fall into kernels, one for each of its output channels. */
export interface Filters {
  readonly height: number;
  readonly width: number;
  /** Input channels that each kernel looks at. */
  readonly inputs: number;
  readonly outputs: number;
  /** Where the numbers of an output's kernel for one input lie: the channel of `[height, width, inputs * outputs]`. */
  channel(output: number, input: number): number;
}

/** The kinds of layers whose kernels are drawn. */
export type KernelKind = 'conv2d' | 'depthwiseConv2d' | 'conv2dTranspose' | 'dense';

/**
 * @param shape of the weights, as the layer has it: `[height, width, inputs, outputs]`; of a depthwise convolution, in which a
 *   kernel looks at one channel only, `[height, width, channels, kernels for each]`; of a transposed one
 *   `[height, width, outputs, inputs]`; of a dense layer `[inputs, units]`, which is one picture
 * @param groups of a transposed convolution: its weights are `[height, width, outputs / groups, inputs]`
 */
export function filtersOf(shape: readonly number[], kind: KernelKind = 'conv2d', groups = 1): Filters {
  if (shape.length === 2) {
    const [height, width] = shape as [number, number];
    return { height, width, inputs: 1, outputs: 1, channel: () => 0 };
  }
  const [height, width, third, fourth] = shape as [number, number, number, number];
  if (kind === 'depthwiseConv2d')
    return { height, width, inputs: 1, outputs: third * fourth, channel: (output) => output };
  if (kind === 'conv2dTranspose') {
    const inputs = fourth / groups;
    const channel = (output: number, input: number) =>
      (output % third) * fourth + Math.floor(output / third) * inputs + input;
    return { height, width, inputs, outputs: third * groups, channel };
  }
  return { height, width, inputs: third, outputs: fourth, channel: (output, input) => input * fourth + output };
}
