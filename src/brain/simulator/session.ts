import { Random } from '../../random.ts';
import { brainSize } from '../images.ts';
import { smoothNoise, type Taps, tableImage } from './field.ts';
import { type Area, activities, areas, type Mouse, realNoise, restingLevel } from './measured.ts';
import { mouse as mouseOf } from './mice.ts';
import { borders, insideBy, type Outline } from './window.ts';

const n = brainSize;

/** Stream names of the random numbers that are not an image's own. */
const stream = { drift: 101, mouse: 102 } as const;

/** What is fixed while one mouse is recorded in one segment. */
export interface Session {
  readonly mouse: Mouse;
  /** 1 inside the window, 0 outside. */
  readonly window: Uint8Array;
  /** Where the window and the areas lie, against mouse and figure. */
  readonly shift: Placement;
  /** Standard deviation of the pixel noise, image mean about 1. */
  readonly noise: Float32Array;
  /** Resting level, in units of noise. */
  readonly level: Float32Array;
  /** Activity of each area, upper side then lower side, at amplitude 1. */
  readonly areas: readonly Float32Array[];
  /** Factor on all activity: the indicator's brightness, bleaching, and the day's focus and illumination. */
  readonly gain: number;
  /** Neighbour weights of the noise. */
  readonly taps: Taps;
  /** Probability of each kind of activity. */
  readonly shares: readonly number[];
}

/** A small motion of the camera against the head: pixels, and a rotation as a slope. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly slope: number;
}

/**
 * The recording conditions of a mouse in a segment. **How fast they drift is assumed**, for no picture shows two sessions of one mouse: from one segment
 * to the next the camera's position walks 1 pixel and its rotation 0.5 degrees, the hand-drawn outline's corners 0.7 pixel, the noise map
 * 4 %, and activity loses 2 % to bleaching and changes its repertoire by 15 %. Segment 0 is without drift.
 * @param mouseIndex as in `mice.ts`
 */
export function session(seed: number, segment: number, mouseIndex: number): Session {
  const mouse = mouseOf(seed, mouseIndex);
  const outline = mouse.outline.map(([x, y]): [number, number] => [x, y]);
  const weights = activities.map((a) => a.share);
  // The spline flattens the table; this power gives the blocks their contrast back.
  const noise = tableImage(mouse.noise).map((v) => v ** 1.25);
  // Below the table's blocks: vessels and unevenness, as much as two halves of a mouse's pictures share at 4-pixel blocks beyond 16-pixel ones.
  const fine = smoothNoise(new Random(seed, stream.mouse, mouseIndex, 1), 20);
  for (let p = 0; p < noise.length; p++) noise[p]! *= 1 + 0.085 * fine[p]!;
  let x = 0;
  let y = 0;
  let slope = 0;
  let gain = mouse.gain;
  for (let step = 1; step <= segment; step++) {
    const random = new Random(seed, stream.drift, mouseIndex, step);
    x += random.normal();
    y += random.normal();
    slope += 0.009 * random.normal();
    gain *= 0.98 * random.logNormal(0.03);
    for (const corner of outline) {
      corner[0] += 0.7 * random.normal();
      corner[1] += 0.7 * random.normal();
    }
    for (let k = 0; k < weights.length; k++) weights[k]! *= random.logNormal(0.15);
    const change = smoothNoise(random, 4);
    for (let p = 0; p < noise.length; p++) noise[p]! *= 1 + 0.04 * change[p]!;
  }
  const total = weights.reduce((a, b) => a + b, 0);
  const shift = { x, y, slope };
  const vessels = vesselImage(new Random(seed, stream.mouse, mouseIndex), mouse.vessel);
  return {
    mouse,
    window: windowMask(outline, shift),
    shift,
    noise,
    level: levelImage(),
    areas: areas.flatMap((area) => [
      areaImage(area, mouse, shift, -1, vessels),
      areaImage(area, mouse, shift, 1, vessels),
    ]),
    gain,
    taps: realNoise(mouse),
    shares: weights.map((w) => w / total),
  };
}

function windowMask(outline: Outline, shift: Placement): Uint8Array {
  const edges = borders(outline);
  const mask = new Uint8Array(n * n);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const u = x + 0.5 - shift.x + shift.slope * (y - 64);
      const v = y + 0.5 - shift.y - shift.slope * (x - 64);
      mask[y * n + x] = insideBy(edges, u, v) > 0 ? 1 : 0;
    }
  }
  return mask;
}

function levelImage(): Float32Array {
  const level = new Float32Array(n * n);
  for (let i = 0; i < level.length; i++)
    level[i] = restingLevel[0] + ((restingLevel[1] - restingLevel[0]) * (i % n)) / n;
  return level;
}

/** An area on one side (-1 above the midline, 1 below): flat-topped blob, cut by the midline, the cortex' hind edge and the vessels. */
function areaImage(area: Area, mouse: Mouse, shift: Placement, side: -1 | 1, vessels: Float32Array): Float32Array {
  const image = new Float32Array(n * n);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const u = x - shift.x - mouse.shiftX;
      const v = y - shift.y - mouse.midline - (mouse.slope + shift.slope) * (x - 64);
      const d = (side * v) / mouse.spread;
      const r = ((u - area.x) / area.radiusX) ** 2 + ((d - area.d) / area.radiusD) ** 2;
      if (r > 14) continue;
      // The other side keeps a trace: light scatters across the midline.
      const half = 1 / (1 + Math.exp(-d / 1.2));
      const gap = 1 - mouse.gap * Math.exp(-((v / 2.8) ** 2));
      const out = Math.abs(d);
      const hind = 98 + 13 * (1 - Math.exp(-out / 10)) - 0.022 * Math.max(0, out - 24) ** 2;
      const cortex = 0.15 + 0.85 / (1 + Math.exp((u - hind) / 2.2));
      image[y * n + x] = Math.exp(-0.5 * r ** 1.25) * half * gap * cortex * (1 - sample(vessels, u, v + 64));
    }
  }
  return image;
}

/** Absorption 0..1 by vessels, in the mouse's own coordinates, the midline at y = 64. */
function vesselImage(random: Random, clear: boolean): Float32Array {
  const image = new Float32Array(n * n);
  const draw = (x: number, y: number, heading: number, length: number, depth: number, width: number): void => {
    for (let t = 0; t < length; t += 0.5) {
      heading += 0.06 * random.normal();
      x += 0.5 * Math.cos(heading);
      y += 0.5 * Math.sin(heading);
      for (let v = Math.floor(y) - 2; v <= y + 2; v++) {
        for (let u = Math.floor(x) - 2; u <= x + 2; u++) {
          if (u < 0 || v < 0 || u >= n || v >= n) continue;
          const i = v * n + u;
          image[i] = Math.max(image[i]!, depth * Math.exp(-((u - x) ** 2 + (v - y) ** 2) / (width * width)));
        }
      }
    }
  };
  if (clear) {
    // Mouse A's clearest vessel leaves the midline near x = 82 to both sides, slanting.
    draw(82.5, 62, -1.5, 12, 0.42, 0.9);
    draw(82, 66, 1.85, 14, 0.42, 0.9);
  }
  for (let i = 0; i < 9; i++) {
    const side = i % 2 ? 1 : -1;
    draw(
      random.uniform(35, 110),
      64 + side * random.uniform(6, 45),
      random.uniform(0, 6.28),
      random.uniform(10, 35),
      random.uniform(0.08, 0.25),
      1,
    );
  }
  return image;
}

function sample(image: Float32Array, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  if (x0 < 0 || y0 < 0 || x0 >= n - 1 || y0 >= n - 1) return 0;
  const fx = x - x0;
  const fy = y - y0;
  const i = y0 * n + x0;
  return (
    (1 - fy) * ((1 - fx) * image[i]! + fx * image[i + 1]!) + fy * ((1 - fx) * image[i + n]! + fx * image[i + n + 1]!)
  );
}
