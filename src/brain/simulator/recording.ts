/** Simulates real images: the activity of the cortex in a recording session, with the camera's noise. */
import type { Random } from '../../random.ts';
import { brainSize } from '../images.ts';
import { filterImage, smoothNoise } from './field.ts';
import { activities } from './measured.ts';
import type { Session } from './session.ts';

const pixels = brainSize * brainSize;
const field = new Float32Array(pixels);
const noise = new Float32Array(pixels);

/**
 * The change of fluorescence without noise, in units of pixel noise above the background, which is 0.
 * @param amplitude factor of the activity
 * @param lopsided factor of the difference between the two hemispheres
 * @param out `[128, 128]`, overwritten
 */
export function activityImage(
  random: Random,
  session: Session,
  amplitude: number,
  lopsided: number,
  out: Float32Array,
): Float32Array {
  const kind = activities[pick(random, session.shares)]!;
  const strength = amplitude * session.gain * random.logNormal(0.22);
  const rest = random.logNormal(0.12);
  // About one image in ten is lopsided, like the first real picture. The halves of the others correlate at 0.87 to 0.98.
  const tilt = lopsided * (random.uniform() < 0.12 ? 0.28 : 0.1) * random.normal();
  for (let p = 0; p < pixels; p++) out[p] = rest * session.level[p]!;
  kind.amplitude.forEach((mean, a) => {
    const common = strength * (mean * random.logNormal(0.35) + 0.35 * random.normal());
    for (let side = 0; side < 2; side++) {
      const weight = common * (1 + (side ? tilt : -tilt) + 0.2 * lopsided * random.normal());
      const map = session.areas[a * 2 + side]!;
      for (let p = 0; p < pixels; p++) out[p]! += weight * map[p]!;
    }
  });
  // Real activity is not as smooth as the areas. A random field with a grain of about 10 pixels roughens it: a part in
  // proportion to the activity, a part constant.
  smoothNoise(random, 12, field);
  for (let p = 0; p < pixels; p++) out[p]! += field[p]! * (0.16 + 0.14 * (out[p]! - session.level[p]!));
  return out;
}

/**
 * A real image, scaled to its own minimum and maximum.
 * @param out `[128, 128]`, overwritten
 */
export function realImage(random: Random, session: Session, out: Float32Array): Float32Array {
  activityImage(random, session, 1, 1, out);
  filterImage(random.fillNormal(noise), session.taps);
  const level = random.logNormal(0.05);
  const contrast = Math.min(1.5, 1.12 + 0.2 * random.normal());
  for (let p = 0; p < pixels; p++) {
    const strength = level * (1 + contrast * (session.noise[p]! - 1));
    out[p] = session.window[p] ? out[p]! + strength * noise[p]! : 0;
  }
  return scaleToRange(out);
}

/** Scales to 0..1 by the image's own minimum and maximum, in place. */
export function scaleToRange(image: Float32Array): Float32Array {
  let low = Infinity;
  let high = -Infinity;
  for (let p = 0; p < image.length; p++) {
    const v = image[p]!;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const scale = 1 / (high - low);
  for (let p = 0; p < image.length; p++) image[p] = (image[p]! - low) * scale;
  return image;
}

/** An index drawn with the given probabilities. */
export function pick(random: Random, shares: readonly number[]): number {
  let left = random.uniform();
  for (let i = 0; i < shares.length - 1; i++) {
    left -= shares[i]!;
    if (left < 0) return i;
  }
  return shares.length - 1;
}
