/**
 * Simulates a GAN's fake images. What distinguishes them from real ones is their noise: it is mixed from a few patterns
 * that repeat with the period of the generator's upsampling.
 */
import { Random } from '../../random.ts';
import { brainSize } from '../images.ts';
import { filterImage, shearImage, type Taps, tableImage } from './field.ts';
import {
  fakeLikeness,
  fakeNoise,
  fakeNoiseScatter,
  fakeSaturation,
  fakeStrength,
  finePeriods,
  tileLikeness,
} from './measured.ts';
import { activityImage, scaleToRange } from './recording.ts';
import type { Session } from './session.ts';
import { type Border, border, insideBy, outsideRun } from './window.ts';

const n = brainSize;
const pixels = n * n;
const tile = 32;
const tiles = n / tile;
const patternStream = 103;

/** A trained generator, described by its noise: a few patterns that all its images are mixed from. */
export interface Gan {
  /** For each of the two mice, the noise that all fakes of this mouse share. */
  readonly common: readonly [Float32Array, Float32Array];
  readonly patterns: readonly Float32Array[];
  /** Strength of the noise at each pixel. */
  readonly strength: Float32Array;
  /** Mean neighbour weights of its noise. Those of a single image vary around them. */
  readonly taps: Taps;
}

/**
 * The generator of a segment. **Assumed**: it is trained anew for every third segment and fine-tuned for those between,
 * so that its patterns rotate by 30 degrees from segment to segment (correlation 0.87 with the next segment, 0.5 with
 * the second, 0 from the third on).
 *
 * The first generator reproduces a third of the contrast of the mice's noise maps, as measured. For a later one this
 * share is drawn at random, and its mean neighbour correlations deviate by a quarter of their deviation from image to
 * image: upsampling leaves the same traces in every generator of one design (Frank et al. 2020, Wang et al. 2020).
 */
export function gan(seed: number, segment: number, sessions: readonly [Session, Session]): Gan {
  const anchor = Math.floor(segment / 3);
  const angle = ((segment % 3) * Math.PI) / 6;
  const from = patternBank(seed, anchor);
  const bank = segment % 3 ? mixBanks(from, patternBank(seed, anchor + 1), Math.cos(angle), Math.sin(angle)) : from;
  const [first, second, ...patterns] = bank;
  // Fakes of the two mice are negatively correlated. The correlation between their common parts is otherKind / sameKind.
  const c = fakeLikeness.otherKind / fakeLikeness.sameKind;
  return {
    common: [first!, mix(first!, second!, c, Math.sqrt(1 - c * c))],
    patterns,
    ...character(new Random(seed, patternStream, anchor), anchor, sessions),
  };
}

function character(
  random: Random,
  anchor: number,
  [a, b]: readonly [Session, Session],
): Pick<Gan, 'strength' | 'taps'> {
  if (anchor === 0) return { strength: tableImage(fakeStrength), taps: fakeNoise };
  const known = random.uniform(0.1, 0.8);
  return {
    strength: a.noise.map((v, p) => 1 + known * ((v + b.noise[p]!) / 2 - 1)),
    taps: scatterTaps(random, fakeNoise, 0.25),
  };
}

/**
 * Changes taps at random, so that each autocorrelation deviates by `amount` times its standard deviation from fake to
 * fake. A tap of t gives an autocorrelation of about 2t.
 */
function scatterTaps(random: Random, taps: Taps, amount: number): Taps {
  const move = (along: readonly number[]): number[] =>
    fakeNoiseScatter.map((deviation, k) => (along[k] ?? 0) + (amount * deviation * random.normal()) / 2);
  return { x: move(taps.x), y: move(taps.y), diagonal: taps.diagonal + amount * 0.006 * random.normal() };
}

function mixBanks(a: readonly Float32Array[], b: readonly Float32Array[], p: number, q: number): Float32Array[] {
  return a.map((image, i) => mix(image, b[i]!, p, q));
}

function mix(a: Float32Array, b: Float32Array, p: number, q: number): Float32Array {
  return a.map((v, i) => p * v + q * b[i]!);
}

function patternBank(seed: number, anchor: number): Float32Array[] {
  return Array.from({ length: fakeLikeness.patterns + 2 }, (_, k) =>
    pattern(new Random(seed, patternStream, anchor, k)),
  );
}

/** White noise of variance 1 that repeats from tile to tile, as the output of a deconvolution does. */
function pattern(random: Random): Float32Array {
  const out = new Float32Array(pixels);
  const block = (side: number): Float32Array => random.fillNormal(new Float32Array(side * side));
  const add = (share: number, source: (ty: number, tx: number) => Float32Array): void => {
    const weight = Math.sqrt(share);
    for (let ty = 0; ty < tiles; ty++) {
      for (let tx = 0; tx < tiles; tx++) {
        const from = source(ty, tx);
        for (let y = 0; y < tile; y++) {
          const to = (ty * tile + y) * n + tx * tile;
          for (let x = 0; x < tile; x++) out[to + x]! += weight * from[y * tile + x]!;
        }
      }
    }
  };
  // The patterns are regular to different degrees, because the measured fakes are.
  const scatter = (share: number): number => share * random.uniform(0.1, 1.9);
  const likeness = {
    anywhere: scatter(tileLikeness.anywhere),
    sameRow: scatter(tileLikeness.sameRow),
    sameColumn: scatter(tileLikeness.sameColumn),
    neighbour: scatter(tileLikeness.neighbour),
    halfX: scatter(tileLikeness.halfX),
    halfY: scatter(tileLikeness.halfY),
  };
  let rest =
    1 -
    likeness.anywhere -
    likeness.sameRow -
    likeness.sameColumn -
    4 * likeness.neighbour -
    likeness.halfX -
    likeness.halfY;
  for (const [period, mean] of finePeriods) {
    const share = scatter(mean);
    rest -= share;
    const cell = block(period);
    const repeated = Float32Array.from(
      { length: tile * tile },
      (_, i) => cell[(Math.floor(i / tile) % period) * period + (i % period)]!,
    );
    add(share, () => repeated);
  }
  const everywhere = block(tile);
  add(likeness.anywhere, () => everywhere);
  const rows = Array.from({ length: tiles }, () => block(tile));
  add(likeness.sameRow, (ty) => rows[ty]!);
  const columns = Array.from({ length: tiles }, () => block(tile));
  add(likeness.sameColumn, (_, tx) => columns[tx]!);
  // A block for each pair of neighbouring tiles, added to both.
  const across = Array.from({ length: tiles * (tiles + 1) }, () => block(tile));
  add(likeness.neighbour, (ty, tx) => across[ty * (tiles + 1) + tx]!);
  add(likeness.neighbour, (ty, tx) => across[ty * (tiles + 1) + tx + 1]!);
  const down = Array.from({ length: tiles * (tiles + 1) }, () => block(tile));
  add(likeness.neighbour, (ty, tx) => down[ty * tiles + tx]!);
  add(likeness.neighbour, (ty, tx) => down[(ty + 1) * tiles + tx]!);
  const fold = (source: Float32Array, mask: number): Float32Array => source.map((_, i) => source[i & mask]!);
  add(likeness.halfX, () => fold(block(tile), ~(tile / 2)));
  add(likeness.halfY, () => fold(block(tile), ~(tile * (tile / 2))));
  add(Math.max(0.02, rest), () => block(tile));
  return out;
}

const content: Float32Array = new Float32Array(pixels);
const texture = new Float32Array(pixels);

/**
 * A fake image, scaled to its own minimum and maximum.
 * @param kind 0 or 1, the mouse that it imitates
 * @param out `[128, 128]`, overwritten
 */
export function fakeImage(random: Random, from: Gan, session: Session, kind: 0 | 1, out: Float32Array): Float32Array {
  activityImage(random, session, 0.8, 1.7, content);
  // In a generator's images, position and rotation of the head vary. Resampling also blurs them a little, as a
  // generator does.
  shearImage(content, 1.2 * random.normal(), 1.2 * random.normal(), 0.02 * random.normal(), out);
  mixTexture(random, from, kind);
  const contrast = 1.4 + 0.3 * random.normal();
  const skew = 0.009 + 0.016 * random.normal();
  const window = brokenWindow(random, session);
  const outside = 0.4 * random.normal() - 0.35 - (random.uniform() < 0.12 ? 1.2 : 0);
  const outsideSlope = 0.3 * random.normal();
  const ramp = random.uniform(3, 7);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const p = y * n + x;
      const g = texture[p]!;
      const t = (1 + contrast * (from.strength[p]! - 1)) * (g + skew * (g * g - 1) - fakeSaturation * g * g * g);
      const value = out[p]! + t;
      const d = insideBy(window, x, y);
      if (d >= ramp) {
        out[p] = value;
        continue;
      }
      // The border is soft: noise and tissue fade in over a few pixels, and a trace of the noise remains outside.
      const inside = d <= 0 ? 0 : d / ramp;
      const fade = inside * inside * (3 - 2 * inside);
      const trace = d <= 0 ? 0.045 * (1 + 1.5 / (1 - 0.5 * d)) : 0.12;
      out[p] = (outside + (outsideSlope * (64 - y)) / 64) * (1 - fade) + fade * value + (1 - fade) * trace * t;
    }
  }
  return scaleToRange(out);
}

/**
 * Mixes the noise of an image from the generator's patterns. A pattern's weight is the sum of one for the image and one
 * for the tile. Their proportion differs from image to image, so one fake repeats clearly (correlation 0.33 at 32
 * pixels) and another hardly (0.09).
 */
function mixTexture(random: Random, from: Gan, kind: 0 | 1): void {
  const common = from.common[kind];
  const share = Math.sqrt(fakeLikeness.sameKind);
  for (let p = 0; p < pixels; p++) texture[p] = share * common[p]!;
  const rest = Math.sqrt((1 - fakeLikeness.sameKind) / from.patterns.length);
  const even = random.uniform(0.3, 1);
  const own = Math.sqrt(1 - even);
  for (const image of from.patterns) {
    const whole = Math.sqrt(even) * random.normal();
    for (let ty = 0; ty < tiles; ty++) {
      for (let tx = 0; tx < tiles; tx++) {
        const weight = rest * (whole + own * random.normal());
        for (let y = ty * tile; y < (ty + 1) * tile; y++) {
          const start = y * n + tx * tile;
          for (let p = start; p < start + tile; p++) texture[p]! += weight * image[p]!;
        }
      }
    }
  }
  filterImage(texture, scatterTaps(random, from.taps, 1));
}

/**
 * The window's borders as a generator draws them. Of the corners that the true window cuts, some are missing; each of
 * the others is cut by one straight edge. The edge is oblique, because its two ends are drawn independently.
 */
function brokenWindow(random: Random, { window, mouse }: Session): Border[] {
  const borders: Border[] = [];
  mouse.corners.forEach((corner, c) => {
    const x0 = c & 1 ? n - 1 : 0;
    const y0 = c & 2 ? n - 1 : 0;
    const cutX = outsideRun(window, y0 * n + x0, c & 1 ? -1 : 1);
    const cutY = outsideRun(window, y0 * n + x0, c & 2 ? -n : n);
    const reachX = cutX * random.uniform(...corner.reach);
    const reachY = cutY * random.uniform(...corner.reach);
    if (random.uniform() >= corner.probability || reachX < 1 || reachY < 1) return;
    const x = x0 + (c & 1 ? -reachX : reachX);
    const y = y0 + (c & 2 ? -reachY : reachY);
    // The inside must lie to the right of the direction, so edges run clockwise around the middle of the frame.
    borders.push(c === 0 || c === 3 ? border(x0, y, x, y0) : border(x, y0, x0, y));
  });
  return borders;
}
