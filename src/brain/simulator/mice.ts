/**
 * The mice of the simulated study: two are measured, the others are drawn from the population that these two are a
 * sample of.
 */
import { Random } from '../../random.ts';
import { cornerStyles, type Mouse, measuredMice } from './measured.ts';
import { type Outline, radius } from './window.ts';

const mouseStream = 105;

/**
 * The two mice of each segment. **Assumed**: animals enter and leave a study one at a time. So a segment shares mice
 * with its neighbours, and segments 7 to 9 share none with 0 to 2. Mice 0 and 1 are A and B of the figures.
 */
export const roster: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, 1],
  [0, 1],
  [2, 1],
  [2, 1],
  [2, 3],
  [2, 3],
  [4, 3],
  [4, 3],
  [4, 5],
];

/**
 * A mouse of the study. Mice 0 and 1 are measured. The others are drawn at random: each quantity around the mean of A
 * and B, with a standard deviation from their difference; outlines and noise maps as mixtures of theirs, shifted, and
 * perhaps mirrored up and down; how the generator draws a corner, from the six measured corners.
 */
export function mouse(seed: number, index: number): Mouse {
  const [a, b] = measuredMice;
  if (index < 2) return index ? b : a;
  const random = new Random(seed, mouseStream, index);
  const about = (p: number, q: number): number => (p + q) / 2 + (Math.abs(p - q) / Math.SQRT2) * random.normal();
  const midline = about(a.midline, b.midline);
  const share = random.uniform(0.4, 0.6);
  const corner = () => cornerStyles[random.below(cornerStyles.length)]!;
  return {
    shareReal: share,
    shareFake: random.uniform(0.4, 0.6),
    corners: [corner(), corner(), corner(), corner()],
    outline: outline(random, midline),
    midline,
    slope: about(a.slope, b.slope),
    spread: Math.max(0.85, about(a.spread, b.spread)),
    shiftX: about(a.shiftX, b.shiftX),
    vessel: random.uniform() < 0.5,
    gap: Math.min(0.95, about(a.gap, b.gap)),
    gain: Math.sqrt(a.gain * b.gain) * random.logNormal(Math.log(a.gain / b.gain) / Math.SQRT2),
    taps: [about(a.taps[0], b.taps[0]), about(a.taps[1], b.taps[1])],
    noise: noiseTable(random),
  };
}

/**
 * A window between those of A and B around the middle of the frame, shifted at random by about 5 and 3 pixels. Its
 * corners vary by a pixel, as if drawn by hand.
 */
function outline(random: Random, midline: number): Outline {
  const [a, b] = measuredMice;
  const mix = random.uniform();
  const flip = random.uniform() < 0.5 ? -1 : 1;
  const x = 64 + 5 * random.normal();
  const y = 60 + 3 * random.normal() + (midline - (a.midline + b.midline) / 2) / 2;
  return Array.from({ length: 20 }, (_, i): [number, number] => {
    const ux = Math.cos((i * Math.PI) / 10);
    const uy = Math.sin((i * Math.PI) / 10);
    const r = (1 - mix) * radius(a.outline, 64, 60, ux, flip * uy) + mix * radius(b.outline, 64, 60, ux, flip * uy);
    return [x + r * ux + random.normal(), y + r * uy + random.normal()];
  });
}

/** A noise map between those of A and B, perhaps mirrored up and down, with a slope added. */
function noiseTable(random: Random): number[] {
  const [a, b] = measuredMice;
  const mix = random.uniform();
  const flip = random.uniform() < 0.5;
  const tiltX = 0.12 * random.normal();
  const tiltY = 0.12 * random.normal();
  return a.noise.map((_, i) => {
    const x = i % 8;
    const y = Math.floor(i / 8);
    const from = (flip ? 7 - y : y) * 8 + x;
    return ((1 - mix) * a.noise[from]! + mix * b.noise[from]!) * (1 + (tiltX * (x - 3.5) + tiltY * (y - 3.5)) / 3.5);
  });
}
