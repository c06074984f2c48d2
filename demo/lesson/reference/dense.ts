/** A dense layer, by hand: forward and backward. */
import { type Array64, zeros } from './array64.ts';

/**
 * u = x W + b.
 * @param x `[rows, inputs]`
 * @param w `[inputs, outputs]`
 * @param b `[outputs]`
 * @returns `[rows, outputs]`
 */
export function dense(x: Array64, w: Array64, b: Array64): Array64 {
  const [rows, inputs] = x.shape as [number, number];
  const outputs = w.shape[1]!;
  const u = zeros([rows, outputs]);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      let sum = b.data[o]!;
      for (let i = 0; i < inputs; i++) sum += x.data[row * inputs + i]! * w.data[i * outputs + o]!;
      u.data[row * outputs + o] = sum;
    }
  }
  return u;
}

/**
 * dx = du Wᵀ, dW = xᵀ du, db = the sum of the rows of du.
 * @param du the loss's gradient by u, `[rows, outputs]`
 */
export function denseGradients(du: Array64, x: Array64, w: Array64): { dx: Array64; dw: Array64; db: Array64 } {
  const [rows, inputs] = x.shape as [number, number];
  const outputs = w.shape[1]!;
  const [dx, dw, db] = [zeros(x.shape), zeros(w.shape), zeros([outputs])];
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      const d = du.data[row * outputs + o]!;
      db.data[o]! += d;
      for (let i = 0; i < inputs; i++) {
        dx.data[row * inputs + i]! += d * w.data[i * outputs + o]!;
        dw.data[i * outputs + o]! += x.data[row * inputs + i]! * d;
      }
    }
  }
  return { dx, dw, db };
}
