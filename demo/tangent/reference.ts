/**
 * The network of the tangent-kernel experiment in plain TypeScript and double precision: f(x) = sum_j a_j relu(w_j x + b_j) /
 * sqrt(m). It trains as the GPU does, by gradient descent on the mean squared error over all points, and gives what the GPU's
 * loss and kernel are checked against. Pages without WebGPU draw from it.
 */

/** The weights of m units, in the order of the model's weights: w and b of the first layer, a of the second. */
export interface Weights {
  readonly w: Float64Array;
  readonly b: Float64Array;
  readonly a: Float64Array;
}

/** Points of a function of one number. */
export interface Points {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Copies values, such as those that the model began with, into double precision. */
export function weightsOf([w, b, a]: readonly ArrayLike<number>[]): Weights {
  return { w: Float64Array.from(w!), b: Float64Array.from(b!), a: Float64Array.from(a!) };
}

export function outputOf({ w, b, a }: Weights, x: number): number {
  let sum = 0;
  for (let j = 0; j < w.length; j++) {
    const u = w[j]! * x + b[j]!;
    if (u > 0) sum += a[j]! * u;
  }
  return sum / Math.sqrt(w.length);
}

/** The mean of (f(x) - y)^2 over the points. */
export function lossOf(weights: Weights, { x, y }: Points): number {
  return x.reduce((sum, at, i) => sum + (outputOf(weights, at) - y[i]!) ** 2, 0) / x.length;
}

/** Makes steps of gradient descent on `lossOf`, in place. @returns the loss before each step */
export function descend(weights: Weights, points: Points, steps: number, learningRate: number): Float64Array {
  const { w, b, a } = weights;
  const { x, y } = points;
  const m = w.length;
  const scale = 1 / Math.sqrt(m);
  const losses = new Float64Array(steps);
  const slope = new Float64Array(x.length);
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < x.length; i++) {
      const error = outputOf(weights, x[i]!) - y[i]!;
      losses[step]! += error ** 2 / x.length;
      slope[i] = ((2 * error) / x.length) * scale; // dL / d(sum of a relu)
    }
    for (let j = 0; j < m; j++) {
      let [dw, db, da] = [0, 0, 0];
      for (let i = 0; i < x.length; i++) {
        const u = w[j]! * x[i]! + b[j]!;
        if (u <= 0) continue;
        da += slope[i]! * u;
        db += slope[i]! * a[j]!;
        dw += slope[i]! * a[j]! * x[i]!;
      }
      w[j]! -= learningRate * dw;
      b[j]! -= learningRate * db;
      a[j]! -= learningRate * da;
    }
  }
  return losses;
}

/** The tangent kernel K(x, x'), the product of the gradients of f(x) and f(x') by all weights, row by row. */
export function kernelOf({ w, b, a }: Weights, x: readonly number[], other = x): Float64Array {
  const kernel = new Float64Array(x.length * other.length);
  x.forEach((p, i) => {
    other.forEach((q, k) => {
      let sum = 0;
      for (let j = 0; j < w.length; j++) {
        const [u, v] = [w[j]! * p + b[j]!, w[j]! * q + b[j]!];
        if (u > 0 && v > 0) sum += u * v + a[j]! ** 2 * (p * q + 1);
      }
      kernel[i * other.length + k] = sum / w.length;
    });
  });
  return kernel;
}

/** |now - before| / |before|, of all numbers together. */
export function relativeChange(before: ArrayLike<number>, now: ArrayLike<number>): number {
  let [moved, size] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    moved += (now[i]! - before[i]!) ** 2;
    size += before[i]! ** 2;
  }
  return Math.sqrt(moved / size);
}
