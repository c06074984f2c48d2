/** The networks' forward pass in float64 and plain loops. It gives the loss that every library must compute. */
import { type Batch, both, type SizedLayer } from './batch.ts';

/** Logits of one image. */
function forward(layers: readonly SizedLayer[], image: Float32Array): Float64Array {
  return layers.reduce<Float64Array>((values, layer) => apply(layer, values), Float64Array.from(image));
}

/** Mean cross-entropy of a batch, in nats. */
export function referenceLoss(layers: readonly SizedLayer[], { x, y }: Batch): number {
  const length = x.data.length / y.length;
  let sum = 0;
  y.forEach((label, i) => {
    const logits = forward(layers, x.data.subarray(i * length, (i + 1) * length));
    const most = Math.max(...logits);
    sum += most + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - most), 0)) - logits[label]!;
  });
  return sum / y.length;
}

function apply(layer: SizedLayer, x: Float64Array): Float64Array {
  if (layer.type === 'flatten') return x;
  const y = layer.type === 'conv2d' ? conv(layer, x) : layer.type === 'dense' ? dense(layer, x) : maxPool(layer, x);
  return layer.options.activation === 'relu' ? y.map((value) => Math.max(value, 0)) : y;
}

function conv({ input, output, weights }: SizedLayer, x: Float64Array): Float64Array {
  const [, width, channels] = input as [number, number, number];
  const [outHeight, outWidth, filters] = output as [number, number, number];
  const [kernel, bias] = weights as [SizedLayer['weights'][0], SizedLayer['weights'][0]];
  const [kh, kw] = kernel.shape as [number, number];
  const y = new Float64Array(outHeight * outWidth * filters);
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      const at = (oy * outWidth + ox) * filters;
      for (let f = 0; f < filters; f++) y[at + f] = bias.data[f]!;
      for (let tap = 0; tap < kh * kw * channels; tap++) {
        const column = tap % (kw * channels); // within a row of the window, pixels and channels follow one another
        const value = x[(oy + (tap - column) / (kw * channels)) * width * channels + ox * channels + column]!;
        for (let f = 0; f < filters; f++) y[at + f]! += value * kernel.data[tap * filters + f]!;
      }
    }
  }
  return y;
}

function maxPool({ input, output, options }: SizedLayer, x: Float64Array): Float64Array {
  const [, width, channels] = input as [number, number, number];
  const [outHeight, outWidth] = output as [number, number];
  const [ph, pw] = both(options.poolSize!);
  const y = new Float64Array(outHeight * outWidth * channels).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < outHeight * ph; row++) {
    for (let column = 0; column < outWidth * pw; column++) {
      for (let c = 0; c < channels; c++) {
        const at = (Math.floor(row / ph) * outWidth + Math.floor(column / pw)) * channels + c;
        y[at] = Math.max(y[at]!, x[(row * width + column) * channels + c]!);
      }
    }
  }
  return y;
}

function dense({ output, weights }: SizedLayer, x: Float64Array): Float64Array {
  const units = output[0]!;
  const [kernel, bias] = weights as [SizedLayer['weights'][0], SizedLayer['weights'][0]];
  const y = Float64Array.from(bias.data);
  x.forEach((value, i) => {
    for (let u = 0; u < units; u++) y[u]! += value * kernel.data[i * units + u]!;
  });
  return y;
}
