/** What the page about fakes and its worker say to each other: plain data. Pictures have 32 x 32 numbers, from -1 to 1. */
import type { Machine } from '../../gpu/machine.ts';
import type { Stamped } from '../painting/gpu.ts';
import type { Example } from '../painting/painting.ts';

/** Whose fakes: those of the generator that was trained before, or of the one that is trained in the page. */
export type Which = 'stored' | 'own';

export interface Step {
  readonly step: number;
  readonly generator: number;
  readonly discriminator: number;
}

export interface Measured {
  readonly step: number;
  /** Of the discriminator, on held-out recordings and as many new fakes. */
  readonly accuracy: number;
  /** Of new fakes to held-out recordings; see distance.ts. */
  readonly distance: number;
}

export type FakesEvent =
  | { type: 'machine'; machine: Machine }
  /** A training has begun, or begins anew. */
  | { type: 'begin' }
  /** The losses of a step, before it. After a lost device an earlier step may follow a later one: it is done again. */
  | { type: 'step'; step: Step }
  /** What the generator paints from the noise that never changes, `[16, 32, 32]`. */
  | { type: 'look'; step: number; fakes: Float32Array }
  | { type: 'measured'; measured: Measured }
  /** How far from the held-out recordings the stored generator's fakes are; and other recordings, once they are there. */
  | { type: 'stored'; fakes: number; recordings?: number }
  | { type: 'over' }
  | { type: 'failed'; message: string };

/** As many of each, `[n, 32, 32]`. */
export interface StoredPictures {
  /** Of the generator that was trained before. */
  readonly fakes: Float32Array;
  /** Held out: no network sees them. */
  readonly recordings: Float32Array;
}

/** A picture for the lab. */
export interface LabFile {
  /** Says the class and the segment: `fake/seg0/17.png`. */
  readonly path: string;
  readonly file: File;
}

export interface Fakes {
  /** First call: the training begins. */
  connect(listener: (event: FakesEvent) => void, stored: StoredPictures): void;
  pause(): void;
  resume(): void;
  /** Other first weights. */
  startOver(): void;
  /** Fakes of the page's own generator, from noise that nothing else has seen. @returns `[count, 32, 32]` */
  paint(count: number): Promise<Float32Array>;
  /** The discriminator's logits: above 0 it takes a picture for a recording. */
  judge(pictures: Float32Array): Promise<Float32Array>;
  /** What a small map paints: the numbers of the lesson below. Needs no training. */
  stamp(example: Example): Promise<Stamped>;
  /**
   * Recordings, and as many fakes: segment 0 to train on; segment 7 to test on, of recordings that no network has seen.
   * @param stored weights of the generator whose fakes are wanted, as safetensors; undefined: of the page's own
   */
  labFiles(stored: Uint8Array | undefined): Promise<LabFile[]>;
}
