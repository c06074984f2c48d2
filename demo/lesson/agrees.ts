/** Numbers of the GPU beside those by hand, without what a lesson needs to compute them. */
import { minus } from '../format.ts';

/** Of float32, relative to the number, or to 1 where it is smaller. */
const TOLERANCE = 1e-5;

/** Whether a number of the GPU is that by hand. A NaN never is. */
export function agrees(value: number, reference: number, tolerance = TOLERANCE): boolean {
  return Math.abs(value - reference) <= tolerance * Math.max(1, Math.abs(reference));
}

/** With so many decimals, and without the sign of a number that is rounded to 0. */
export function formatFixed(value: number, digits: number): string {
  return minus(value.toFixed(digits).replace(/^-(0(?:\.0*)?)$/, '$1'));
}
