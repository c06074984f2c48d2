/**
 * Transposed convolution of one picture, by hand, without padding: each pixel of the small map adds the kernel, times its value, to
 * the large one, `stride` pixels further than its neighbour did.
 */
import { type Array64, zeros } from './array64.ts';

/** One product of a sum: the pixel of the small map, and the weight that leads from it to the pixel of the large one. */
export interface TransposeTerm {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
  /** Row and column of the weight in the kernel. */
  readonly tapRow: number;
  readonly tapColumn: number;
  readonly x: number;
  readonly w: number;
}

/** Pixels of one axis of the large map. */
export const paintedSize = (size: number, kernel: number, stride: number) =>
  (size - 1) * stride + Math.max(kernel, stride);

/**
 * The products that one number of the large map is the sum of.
 * @param x `[height, width, channels]`
 * @param w `[height, width, filters, channels]`
 */
export function transposeTerms(
  x: Array64,
  w: Array64,
  at: { row: number; column: number; filter: number },
  stride: number,
): TransposeTerm[] {
  const [height, width, channels] = x.shape as [number, number, number];
  const [kernelHeight, kernelWidth, filters] = w.shape as [number, number, number, number];
  const terms: TransposeTerm[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [tapRow, tapColumn] = [at.row - row * stride, at.column - column * stride];
      if (tapRow < 0 || tapRow >= kernelHeight || tapColumn < 0 || tapColumn >= kernelWidth) continue;
      for (let channel = 0; channel < channels; channel++) {
        terms.push({
          ...{ row, column, channel, tapRow, tapColumn },
          x: x.data[(row * width + column) * channels + channel]!,
          w: w.data[((tapRow * kernelWidth + tapColumn) * filters + at.filter) * channels + channel]!,
        });
      }
    }
  }
  return terms;
}

/** @returns `[height, width, filters]` */
export function conv2dTranspose(x: Array64, w: Array64, stride = 1): Array64 {
  const filters = w.shape[2]!;
  const height = paintedSize(x.shape[0]!, w.shape[0]!, stride);
  const width = paintedSize(x.shape[1]!, w.shape[1]!, stride);
  const y = zeros([height, width, filters]);
  for (let i = 0; i < y.data.length; i++) {
    const at = {
      row: Math.floor(i / filters / width),
      column: Math.floor(i / filters) % width,
      filter: i % filters,
    };
    y.data[i] = transposeTerms(x, w, at, stride).reduce((sum, term) => sum + term.x * term.w, 0);
  }
  return y;
}
