/** The kernels that one can choose, row by row. */

/** A Gaussian bump in a square window. Its numbers add up to 1, so that a picture keeps its brightness. @param sigma in pixels */
export function gaussian(size: number, sigma: number): number[] {
  const line = gaussianLine(size, sigma);
  return line.flatMap((row) => line.map((column) => row * column));
}

/** The same in one dimension. */
export function gaussianLine(size: number, sigma: number): number[] {
  const middle = (size - 1) / 2;
  const heights = Array.from({ length: size }, (_, i) => Math.exp(-((i - middle) ** 2) / (2 * sigma ** 2)));
  const total = heights.reduce((sum, height) => sum + height, 0);
  return heights.map((height) => height / total);
}

/** Size of the blur's window. */
export const BLUR_SIZE = 5;

export const KERNELS = {
  identity: { label: 'Identity', numbers: [0, 0, 0, 0, 1, 0, 0, 0, 0] },
  blur: { label: 'Blur', numbers: gaussian(BLUR_SIZE, 1) },
  sobelX: { label: 'Sobel x', numbers: [-1, 0, 1, -2, 0, 2, -1, 0, 1] },
  sobelY: { label: 'Sobel y', numbers: [-1, -2, -1, 0, 0, 0, 1, 2, 1] },
  laplacian: { label: 'Laplacian', numbers: [0, 1, 0, 1, -4, 1, 0, 1, 0] },
  sharpen: { label: 'Sharpen', numbers: [0, -1, 0, -1, 5, -1, 0, -1, 0] },
} as const satisfies Record<string, { label: string; numbers: readonly number[] }>;

export type KernelName = keyof typeof KERNELS;
