/** What a run is made with: of the images, and of training. Plain data, for the page and for its worker. */
import type { OptimizerName, ScheduleName } from 'neurite/brain';

export type { OptimizerName, ScheduleName };

export const CLASS_NAMES = ['real', 'fake'] as const;
/** Side of an image in pixels. */
export const IMAGE_SIZE = 128;
/** Segments of the course's data: recordings of different days and animals. */
export const SEGMENTS = 10;

export interface TrainingSettings {
  optimizer: OptimizerName;
  learningRate: number;
  schedule: ScheduleName;
  batchSize: number;
  epochs: number;
  /** Initial weights, order of the images, dropout. */
  seed: number;
}

/** What a segment is used for. */
export type Role = 'train' | 'validate' | 'test' | 'unused';

/** What a segment is used for, by its number; without any to validate on, a part of the training images is held out. */
export type Roles = readonly Role[];

/** Part of the training images that is held out where no segment is there to validate on. */
export const VALIDATION_SPLIT = 0.2;
