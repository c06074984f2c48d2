/**
 * The recording conditions of a mouse in a segment: what all its images in that segment share, and how it drifts
 * between segments.
 */
import { Random } from '../../random.ts';
import { brainSize } from '../images.ts';
import { smoothNoise, type Taps, tableImage } from './field.ts';
import { type Area, activities, areas, type Mouse, realNoise, restingLevel } from './measured.ts';
import { mouse as mouseOf } from './mice.ts';
import { borders, insideBy, type Outline } from './window.ts';

const n = brainSize;

/** Names of the random streams that do not belong to a single image. */
const stream = { drift: 101, mouse: 102 } as const;

/** The conditions that do not change while a mouse is recorded in a segment. */
export interface Session {
  readonly mouse: Mouse;
  /** 1 inside the window, 0 outside. */
  readonly window: Uint8Array;
  /** Shift of the window and the areas, relative to the mouse in the figures. */
  readonly shift: Placement;
  /** Standard deviation of the noise at each pixel; its mean is about 1. */
  readonly noise: Float32Array;
  /** Resting level, in units of noise. */
  readonly level: Float32Array;
  /** An image for each area at amplitude 1, first above the midline, then below. */
  readonly areas: readonly Float32Array[];
  /** Factor of all activity: brightness of the indicator, bleaching, and the focus and illumination of the day. */
  readonly gain: number;
  /** Neighbour weights of the noise. */
  readonly taps: Taps;
  /** Probability of each kind of activity. */
  readonly shares: readonly number[];
}

/** A small shift of the camera relative to the head, in pixels, and a rotation as a slope. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly slope: number;
}

/**
 * The recording conditions of a mouse in a segment. **How fast they drift is assumed**, because no picture shows two
 * sessions of one mouse. From a segment to the next, the camera moves by 1 pixel and rotates by 0.5 degrees, the
 * corners of the hand-drawn outline move by 0.7 pixels, the noise map changes by 4 %, activity loses 2 % to bleaching,
 * and the frequency of its patterns changes by 15 %. Segment 0 has no drift.
 * @param mouseIndex index of the mouse as in `mice.ts`
 */
export function session(seed: number, segment: number, mouseIndex: number): Session {
  const mouse = mouseOf(seed, mouseIndex);
  const outline = mouse.outline.map(([x, y]): [number, number] => [x, y]);
  const weights = activities.map((a) => a.share);
  // The spline reduces the contrast of the table's blocks; this power restores it.
  const noise = tableImage(mouse.noise).map((v) => v ** 1.25);
  // Structure finer than the table's blocks of 16 pixels, such as vessels. Its strength is what two halves of a mouse's
  // pictures share in blocks of 4 pixels and not in blocks of 16.
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

/**
 * An area on one side of the midline (-1 above, 1 below): a blob with a flat top, cut by the midline, the cortex's rear
 * edge and the vessels.
 */
function areaImage(area: Area, mouse: Mouse, shift: Placement, side: -1 | 1, vessels: Float32Array): Float32Array {
  const image = new Float32Array(n * n);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const u = x - shift.x - mouse.shiftX;
      const v = y - shift.y - mouse.midline - (mouse.slope + shift.slope) * (x - 64);
      const d = (side * v) / mouse.spread;
      const r = ((u - area.x) / area.radiusX) ** 2 + ((d - area.d) / area.radiusD) ** 2;
      if (r > 14) continue;
      // A trace appears on the other side, because light scatters across the midline.
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

/** Absorption by vessels, 0..1, in coordinates of the mouse, where the midline is at y = 64. */
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
    // The clearest vessel of mouse A runs obliquely from the midline near x = 82 to both sides.
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
