/** The images: what they are, what they are used for, and how one is sent. Rows are indices into the data set that was loaded last. */

export const CLASS_NAMES = ['real', 'fake'] as const;
/** Side of an image in pixels. */
export const IMAGE_SIZE = 128;
/** Segments of the course's data: recordings of different days and animals. */
export const SEGMENTS = 10;

/** What a segment is used for. */
export type Role = 'train' | 'validate' | 'test' | 'unused';

/** What a segment is used for, by its number; without any to validate on, a part of the training images is held out. */
export type Roles = readonly Role[];

/** Part of the training images that is held out where no segment is there to validate on. */
export const VALIDATION_SPLIT = 0.2;

export interface DataSummary {
  /** `handed over`: by the page about fakes. */
  source: 'simulated' | 'course files' | 'pictures' | 'handed over';
  /** Of each row: 0 real, 1 fake. */
  labels: Int32Array;
  /** Of each row: 0 to 9. */
  segments: Int32Array;
  /** What the user should know of it. */
  note?: string;
}

export interface Picture {
  row: number;
  label: number;
  segment: number;
  /** 128 x 128 values of 0..1. */
  pixels: Float32Array;
}
