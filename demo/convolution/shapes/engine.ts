/** A layer's shape and parameters as the engine has them. */
import { layers, sequential } from 'neurite';
import type { ConvLayer } from './layer.ts';

export function built(layer: ConvLayer): { shape: number[]; parameters: number } {
  const model = sequential([
    layers.conv2d({
      inputShape: [layer.height, layer.width, layer.channels],
      filters: layer.kernels,
      kernelSize: layer.size,
      strides: layer.stride,
      padding: layer.padding,
    }),
  ]);
  return { shape: [layer.n, ...model.layers[0]!.outputShape], parameters: model.countParams() };
}
