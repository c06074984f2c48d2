/** The kernels of a convolution. */
export interface Kernels {
  /** Layer's name. */
  layer: string;
  /** HWIO. */
  shape: number[];
  data: Float32Array;
}

/** How a layer's weights fall into kernels, one for each of its output channels. */
export interface Filters {
  height: number;
  width: number;
  /** Input channels that each kernel looks at. */
  inputs: number;
  outputs: number;
  /** Where the numbers of an output's kernel for one input lie: the channel of `[height, width, inputs * outputs]`. */
  channel(output: number, input: number): number;
}

/** @param depthwise each kernel looks at one channel only: the weights are `[height, width, channels, kernels for each]` */
export function filtersOf({ shape }: Pick<Kernels, 'shape'>, depthwise: boolean): Filters {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  if (depthwise) return { height, width, inputs: 1, outputs: inputs * outputs, channel: (output) => output };
  return { height, width, inputs, outputs, channel: (output, input) => input * outputs + output };
}

/** What has changed since the kernels were seen first; undefined where those are of another network. */
export function difference(set: Kernels, first: readonly Kernels[]): Kernels | undefined {
  const before = first.find(({ layer }) => layer === set.layer);
  if (!before || before.shape.join() !== set.shape.join()) return undefined;
  return { ...set, data: set.data.map((value, i) => value - before.data[i]!) };
}
