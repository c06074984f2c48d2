/** Convolution of one picture, by hand. As in every network it does not flip the kernel: it is a cross-correlation. */
import { type Array64, zeros } from './array64.ts';

export interface ConvOptions {
  padding?: 'valid' | 'same';
  stride?: number;
  /** One for each kernel. */
  bias?: ArrayLike<number>;
}

/** One product of a sum. */
export interface Term {
  /** Row and column in the picture, and the channel. */
  readonly row: number;
  readonly column: number;
  readonly channel: number;
  readonly x: number;
  readonly w: number;
}

/** Of one axis: sizes of the result, and the padding before. `same` pads as TensorFlow does: the larger half comes last. */
function axis(size: number, kernel: number, { padding = 'valid', stride = 1 }: ConvOptions) {
  if (padding === 'valid') return { size: Math.floor((size - kernel) / stride) + 1, before: 0 };
  const out = Math.ceil(size / stride);
  return { size: out, before: Math.floor(Math.max(0, (out - 1) * stride + kernel - size) / 2) };
}

/**
 * The products that one number of the result is the sum of; those with the padding, which is 0, are left out.
 * @param x `[height, width, channels]`
 * @param w `[height, width, channels, kernels]`
 */
export function convTerms(
  x: Array64,
  w: Array64,
  at: { row: number; column: number; kernel: number },
  options: ConvOptions = {},
): Term[] {
  const [height, width, channels] = x.shape as [number, number, number];
  const [kernelHeight, kernelWidth, , kernels] = w.shape as [number, number, number, number];
  const { stride = 1 } = options;
  const top = at.row * stride - axis(height, kernelHeight, options).before;
  const left = at.column * stride - axis(width, kernelWidth, options).before;
  const terms: Term[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const [row, column] = [top + i, left + j];
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      for (let channel = 0; channel < channels; channel++) {
        terms.push({
          ...{ row, column, channel },
          x: x.data[(row * width + column) * channels + channel]!,
          w: w.data[((i * kernelWidth + j) * channels + channel) * kernels + at.kernel]!,
        });
      }
    }
  }
  return terms;
}

/** @returns `[height, width, kernels]` */
export function conv2d(x: Array64, w: Array64, options: ConvOptions = {}): Array64 {
  const { size: height } = axis(x.shape[0]!, w.shape[0]!, options);
  const { size: width } = axis(x.shape[1]!, w.shape[1]!, options);
  const kernels = w.shape[3]!;
  const y = zeros([height, width, kernels]);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let kernel = 0; kernel < kernels; kernel++) {
        const terms = convTerms(x, w, { row, column, kernel }, options);
        const sum = terms.reduce((sum, { x, w }) => sum + x * w, options.bias?.[kernel] ?? 0);
        y.data[(row * width + column) * kernels + kernel] = sum;
      }
    }
  }
  return y;
}
