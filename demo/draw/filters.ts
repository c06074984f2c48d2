/** The kernels of a convolution. */
export interface Kernels {
  /** Layer's name. */
  layer: string;
  /** HWIO. */
  shape: number[];
  data: Float32Array;
}

/** What has changed since the kernels were seen first; undefined where those are of another network. */
export function difference(set: Kernels, first: readonly Kernels[]): Kernels | undefined {
  const before = first.find(({ layer }) => layer === set.layer);
  if (!before || before.shape.join() !== set.shape.join()) return undefined;
  return { ...set, data: set.data.map((value, i) => value - before.data[i]!) };
}
