/**
 * How far fakes are from recordings, fast enough to be measured during training: the Fréchet distance of brightness and grain of 16
 * tiles of a picture. Computed on the host.
 */
import { PIXELS, SIDE } from '../pictures.ts';
import { frechetDistance, type Moments, moments } from '../quality.ts';

/** Height and width of a tile. */
const TILE = 8;
const ACROSS = SIDE / TILE;
/** Brightness and grain of each tile. */
export const FEATURES = 2 * ACROSS ** 2;

/** @param pictures `[n, 32, 32]` @returns `[n, FEATURES]`: of each tile the mean, and the root mean square of a pixel minus its left neighbour */
export function featuresOf(pictures: Float32Array): Float32Array {
  const count = pictures.length / PIXELS;
  const features = new Float32Array(count * FEATURES);
  for (let n = 0; n < count; n++) {
    for (let tile = 0; tile < ACROSS ** 2; tile++) {
      const corner = n * PIXELS + Math.floor(tile / ACROSS) * TILE * SIDE + (tile % ACROSS) * TILE;
      let [sum, squares] = [0, 0];
      for (let row = 0; row < TILE; row++) {
        for (let column = 0; column < TILE; column++) {
          const at = corner + row * SIDE + column;
          sum += pictures[at]!;
          if (column > 0) squares += (pictures[at]! - pictures[at - 1]!) ** 2;
        }
      }
      features[n * FEATURES + 2 * tile] = sum / TILE ** 2;
      features[n * FEATURES + 2 * tile + 1] = Math.sqrt(squares / (TILE * (TILE - 1)));
    }
  }
  return features;
}

export interface Yardstick {
  readonly moments: Moments;
  /** Each feature counts in units of its standard deviation among the recordings. */
  readonly deviations: Float64Array;
}

export function yardstickOf(recordings: Float32Array): Yardstick {
  const features = featuresOf(recordings);
  const { covariance } = moments(features, FEATURES);
  const deviations = Float64Array.from({ length: FEATURES }, (_, i) => Math.sqrt(covariance[i * FEATURES + i]!) || 1);
  return { moments: moments(inUnits(features, deviations), FEATURES), deviations };
}

const inUnits = (features: Float32Array, deviations: Float64Array) =>
  features.map((value, i) => value / deviations[i % FEATURES]!);

export const distanceTo = ({ moments: wanted, deviations }: Yardstick, pictures: Float32Array): number =>
  frechetDistance(wanted, moments(inUnits(featuresOf(pictures), deviations), FEATURES));
