/** Brain images as arrays: their shape and labels, scaling, the course's rainbow colours, and shuffling. */
import { ArgumentError, DataError } from '../errors.ts';
import { shuffle } from '../random.ts';
import { kindOf } from '../shown.ts';

/** Side of a brain image in pixels. */
export const brainSize = 128;
const pixels = brainSize * brainSize;

/** Grey images, NHWC. */
export interface BrainImages {
  data: Float32Array<ArrayBuffer>;
  shape: [n: number, height: 128, width: 128, channels: 1];
}

/** Images with their labels, in the form that `model.fit` takes. */
export interface BrainSet {
  x: BrainImages;
  /** A label for each image: 0 real, 1 fake. */
  y: Int32Array<ArrayBuffer>;
  /** The segment (0 to 9) that each image belongs to. */
  segment: Int32Array<ArrayBuffer>;
  /** The origin of the images. Show it with every result, because results on simulated images say nothing about real ones. */
  source: 'course files' | 'simulated';
}

/**
 * Scales each image by its own minimum and maximum to 0..1, as in the course's figures and in the simulator, so that
 * files with another range are comparable. A constant image becomes 0.
 * @returns new images; `images` is not changed
 * @throws DataError for a NaN or an infinity
 */
export function scaleImages(images: BrainImages): BrainImages {
  const n = imageCount(images.data, images.shape);
  const data = new Float32Array(images.data.length);
  for (let i = 0; i < n; i++) {
    const from = images.data.subarray(i * pixels, (i + 1) * pixels);
    const [low, high] = range(from, i);
    const to = data.subarray(i * pixels, (i + 1) * pixels);
    if (high > low) for (let p = 0; p < pixels; p++) to[p] = (from[p]! - low) / (high - low);
  }
  return { data, shape: [n, brainSize, brainSize, 1] };
}

/**
 * Colours grey images with matplotlib's `rainbow`, each scaled by its own minimum and maximum, as in the course's figures:
 * red |2v - 0.5|, green sin(pi v), blue cos(pi v / 2), clamped to 0..1.
 * @returns `[n, 128, 128, 3]`, 0..1
 * @throws DataError for a NaN or an infinity
 */
export function toRainbow(images: BrainImages): {
  data: Float32Array<ArrayBuffer>;
  shape: [n: number, height: 128, width: 128, channels: 3];
} {
  const grey = scaleImages(images);
  const data = new Float32Array(grey.data.length * 3);
  for (let i = 0; i < grey.data.length; i++) {
    const v = grey.data[i]!;
    data[i * 3] = Math.min(1, Math.abs(2 * v - 0.5));
    data[i * 3 + 1] = Math.max(0, Math.sin(Math.PI * v));
    data[i * 3 + 2] = Math.max(0, Math.cos((Math.PI * v) / 2));
  }
  return { data, shape: [grey.shape[0], brainSize, brainSize, 3] };
}

/**
 * Shuffles the rows with a seed, into new buffers. Rows are in the order of segments and alternate between the classes,
 * so shuffle before taking the last rows for validation.
 */
export function shuffleBrain(set: BrainSet, seed: number): BrainSet {
  const n = imageCount(set.x.data, set.x.shape);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  shuffle(order, seed);
  const data = new Float32Array(n * pixels);
  order.forEach((from, to) => {
    data.set(set.x.data.subarray(from * pixels, (from + 1) * pixels), to * pixels);
  });
  return {
    x: { data, shape: [n, brainSize, brainSize, 1] },
    y: Int32Array.from(order, (from) => set.y[from]!),
    segment: Int32Array.from(order, (from) => set.segment[from]!),
    source: set.source,
  };
}

/** Number of images in a buffer. @throws ArgumentError if the shape does not fit the length */
export function imageCount(data: Float32Array, shape: readonly number[]): number {
  if (kindOf(data) !== 'Float32Array') throw new ArgumentError('brain images: data must be a Float32Array.');
  const n = data.length / pixels;
  if (
    !Number.isInteger(n) ||
    shape.length !== 4 ||
    shape[0] !== n ||
    shape[1] !== brainSize ||
    shape[2] !== brainSize ||
    shape[3] !== 1
  )
    throw new ArgumentError(
      `brain images: ${data.length} values do not fill the shape [${shape.join(', ')}]; [n, 128, 128, 1] is needed`,
    );
  return n;
}

function range(image: Float32Array, index: number): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (let p = 0; p < image.length; p++) {
    const v = image[p]!;
    if (!Number.isFinite(v))
      throw new DataError(
        `brain images: image ${index} has the value ${v} at row ${Math.floor(p / brainSize)}, column ${p % brainSize}; finite values are needed`,
      );
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}
