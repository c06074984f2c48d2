/** The images that the worker holds: rows of pixels with labels and segments. */
import { type BrainSet, simulateBrainAsync } from 'neurite/brain';
import { type DataSummary, IMAGE_SIZE, type Picture } from '../protocol/index.ts';

/** A course file holds 2,048 images; all twenty would be 2.6 GB. What is read is held once, and copied once for training. */
export const MOST_IMAGES = 12_288;
export const PIXELS = IMAGE_SIZE * IMAGE_SIZE;

/** Images, as the engine has them. */
export type Images = Pick<BrainSet, 'x' | 'y' | 'segment'> & { source: DataSummary['source'] };

export interface SimulationSettings {
  imagesPerClass: number;
  seed: number;
}

/** Simulated images of single segments, kept as long as the settings stay. */
export class Simulation {
  #settings = '';
  #segments = new Map<number, BrainSet>();

  /** Makes what is missing, and returns all that was asked for in the order of the segments. */
  async images(
    segments: readonly number[],
    settings: SimulationSettings,
    { signal, onProgress }: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
  ): Promise<Images> {
    const key = JSON.stringify(settings);
    if (key !== this.#settings) this.#segments.clear();
    this.#settings = key;
    const wanted = [...new Set(segments)].sort((a, b) => a - b);
    const missing = wanted.filter((segment) => !this.#segments.has(segment));
    const made = new Map<number, BrainSet>();
    const each = 2 * settings.imagesPerClass;
    for (const [i, segment] of missing.entries()) {
      const progress = (done: number) => onProgress(i * each + done, missing.length * each);
      made.set(segment, await simulateBrainAsync({ segments: [segment], ...settings, signal, onProgress: progress }));
    }
    // A later call may have changed the settings while this one was at work; it has ended this one then.
    signal.throwIfAborted();
    for (const [segment, set] of made) this.#segments.set(segment, set);
    return join(wanted.map((segment) => this.#segments.get(segment)!));
  }
}

function join(sets: readonly BrainSet[]): Images {
  const size = sets.reduce((sum, { y }) => sum + y.length, 0);
  const images = emptyImages(size, 'simulated');
  let row = 0;
  for (const { x, y, segment } of sets) {
    images.x.data.set(x.data, row * PIXELS);
    images.y.set(y, row);
    images.segment.set(segment, row);
    row += y.length;
  }
  return images;
}

export function emptyImages(size: number, source: Images['source']): Images {
  return {
    x: { data: new Float32Array(size * PIXELS), shape: [size, IMAGE_SIZE, IMAGE_SIZE, 1] },
    y: new Int32Array(size),
    segment: new Int32Array(size),
    source,
  };
}

/** Some rows, in the order given. */
export function pick(images: Images, rows: ArrayLike<number>): Images {
  const picked = emptyImages(rows.length, images.source);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    picked.x.data.set(images.x.data.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS);
    picked.y[i] = images.y[row]!;
    picked.segment[i] = images.segment[row]!;
  }
  return picked;
}

export function pictureOf(images: Images, row: number): Picture {
  const pixels = images.x.data.slice(row * PIXELS, (row + 1) * PIXELS);
  return { row, label: images.y[row]!, segment: images.segment[row]!, pixels };
}

export function summaryOf({ source, y, segment }: Images): DataSummary {
  return { source, labels: y.slice(), segments: segment.slice() };
}
