/**
 * How good fakes are: their Fréchet distance to recordings in the features of a classifier, and how much they differ from one
 * another. Computed on the host in double precision.
 */

/** Mean and covariance of rows of numbers. */
export interface Moments {
  readonly mean: Float64Array;
  /** `[width, width]`, by rows. */
  readonly covariance: Float64Array;
}

/** @param rows `[n, width]` */
export function moments(rows: Float32Array, width: number): Moments {
  const n = rows.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / n;
  const covariance = new Float64Array(width * width);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < width; i++) {
      const d = (rows[row * width + i]! - mean[i]!) / n;
      for (let j = 0; j < width; j++) covariance[i * width + j]! += d * (rows[row * width + j]! - mean[j]!);
    }
  }
  return { mean, covariance };
}

/**
 * The squared Fréchet distance of two normal distributions, |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)). Source: Heusel et al., "GANs
 * trained by a two time-scale update rule converge to a local Nash equilibrium" (2017).
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const width = a.mean.length;
  const root = squareRoot(a.covariance, width);
  // C1 C2 has the eigenvalues of C1^(1/2) C2 C1^(1/2), which is symmetric.
  const { values } = eigen(product(product(root, b.covariance, width), root, width), width);
  let distance = 0;
  for (let i = 0; i < width; i++) {
    distance += (a.mean[i]! - b.mean[i]!) ** 2;
    distance += a.covariance[i * width + i]! + b.covariance[i * width + i]!;
    distance -= 2 * Math.sqrt(Math.max(values[i]!, 0));
  }
  return Math.max(distance, 0);
}

/** The mean distance between two of some pictures, as the root of the mean squared difference of their pixels. @param rows `[n, pixels]` */
export function meanDistance(rows: Float32Array, pixels: number): number {
  const n = rows.length / pixels;
  let total = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      let squares = 0;
      for (let p = 0; p < pixels; p++) squares += (rows[a * pixels + p]! - rows[b * pixels + p]!) ** 2;
      total += Math.sqrt(squares / pixels);
    }
  }
  return total / ((n * (n - 1)) / 2);
}

/** The part of pictures that a discriminator judges right, by its logits: recordings above 0, and as many fakes below. */
export function accuracyOf(onRecordings: Float32Array, onFakes: Float32Array): number {
  const part = (logits: Float32Array, right: (logit: number) => boolean) => logits.filter(right).length / logits.length;
  return (part(onRecordings, (logit) => logit > 0) + part(onFakes, (logit) => logit < 0)) / 2;
}

function product(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const c = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < width; k++) {
      for (let j = 0; j < width; j++) c[i * width + j]! += a[i * width + k]! * b[k * width + j]!;
    }
  }
  return c;
}

/** The symmetric root of a positive semidefinite matrix. */
function squareRoot(matrix: Float64Array, width: number): Float64Array {
  const { values, vectors } = eigen(matrix, width);
  const root = new Float64Array(width * width);
  for (let k = 0; k < width; k++) {
    const value = Math.sqrt(Math.max(values[k]!, 0));
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) root[i * width + j]! += value * vectors[i * width + k]! * vectors[j * width + k]!;
    }
  }
  return root;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations: each sets one pair of elements beside the diagonal to 0.
 * @returns the eigenvectors as columns
 */
function eigen(matrix: Float64Array, width: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = new Float64Array(width * width);
  for (let i = 0; i < width; i++) vectors[i * width + i] = 1;
  const size = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < 100; sweep++) {
    let beside = 0;
    for (let p = 0; p < width; p++) for (let q = 0; q < p; q++) beside += a[p * width + q]! ** 2;
    if (beside <= 1e-28 * size) break;
    for (let p = 0; p < width; p++) for (let q = p + 1; q < width; q++) rotate(a, vectors, width, p, q);
  }
  return { values: Float64Array.from({ length: width }, (_, i) => a[i * width + i]!), vectors };
}

function rotate(a: Float64Array, vectors: Float64Array, width: number, p: number, q: number): void {
  const beside = a[p * width + q]!;
  if (beside === 0) return;
  const theta = (a[q * width + q]! - a[p * width + p]!) / (2 * beside);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < width; k++) {
    const [x, y] = [a[k * width + p]!, a[k * width + q]!];
    a[k * width + p] = c * x - s * y;
    a[k * width + q] = s * x + c * y;
  }
  for (let k = 0; k < width; k++) {
    const [x, y] = [a[p * width + k]!, a[q * width + k]!];
    a[p * width + k] = c * x - s * y;
    a[q * width + k] = s * x + c * y;
    const [v, w] = [vectors[k * width + p]!, vectors[k * width + q]!];
    vectors[k * width + p] = c * v - s * w;
    vectors[k * width + q] = s * v + c * w;
  }
}
