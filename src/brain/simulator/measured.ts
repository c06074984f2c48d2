/**
 * Numbers measured on the 18 images of the course's figures (9 real, 9 fake). This file contains nothing else.
 *
 * The figures show data of 128 x 128 by `imshow` at 160 x 160 pixels, resampled with matplotlib's Hanning kernel. That
 * gives 160 equations for 128 unknowns on each axis, so the data can be recovered to within the colormap's 256 steps
 * (rms residual 0.0007; each image ranges from 0.000 to 1.000, as the scaling of the figures implies).
 * `tools/calibrate.ts` does this and prints these numbers beside those of the simulator. Positions are in pixels, x to
 * the right and y down. Amplitudes above the background are in units of the image's pixel noise, because this ratio
 * does not change with the min-max scaling.
 *
 * Nine images of each class are few: a mean is accurate to about 10 %, a probability to 15 percentage points.
 */
import type { Taps } from './field.ts';
import type { Outline } from './window.ts';

/**
 * How a generator draws a corner that the window cuts: the probability that it draws the cut, and the range of the
 * cut's length along either edge, as a fraction of the true length.
 */
export interface Corner {
  readonly probability: number;
  readonly reach: readonly [low: number, high: number];
}

/**
 * The windows of mice A and B cut six corners. In the fakes three are missing, one is a trace, one is there often, and
 * one always.
 */
const lost: Corner = { probability: 0, reach: [0, 0] };
const trace: Corner = { probability: 0.6, reach: [0.05, 0.45] };
const often: Corner = { probability: 0.65, reach: [0.35, 1.2] };
const always: Corner = { probability: 1, reach: [0.35, 1.2] };
export const cornerStyles: readonly Corner[] = [lost, lost, lost, trace, often, always];

/** The properties of a mouse that the pictures show. */
export interface Mouse {
  /** Fractions of the real and of the fake pictures that show this mouse. */
  readonly shareReal: number;
  readonly shareFake: number;
  /** How fakes draw the window's corners: upper left, upper right, lower left, lower right. */
  readonly corners: readonly [Corner, Corner, Corner, Corner];
  /**
   * Outline of the window, a convex polygon [x, y], clockwise on the screen. All real images of a mouse have the same
   * mask, pixel for pixel. Outside it, all pixels have the same value, which is darker than the tissue.
   */
  readonly outline: Outline;
  /** Row of the midline at x = 64, its slope, and the distance of the areas from it, relative to mouse A. */
  readonly midline: number;
  readonly slope: number;
  readonly spread: number;
  /** Shift of the areas to the right, relative to mouse A. */
  readonly shiftX: number;
  /** Whether a vessel crosses the bright area beside the midline. */
  readonly vessel: boolean;
  /** Depth of the dark band along the midline, as a fraction of the activity around it. */
  readonly gap: number;
  /** Ratio of activity to pixel noise, that is, the brightness of the indicator. The mean of all real pictures is about 1. */
  readonly gain: number;
  /** Neighbour weights of the noise along x and y. */
  readonly taps: readonly [x: number, y: number];
  /**
   * Noise of each block of 16 x 16 pixels, relative to the image's rms. It belongs to the mouse and does not grow with
   * activity.
   */
  readonly noise: readonly number[];
}

/** Six of the nine real images. The window cuts all four corners; the midline and the vessels are clear. */
const mouseA: Mouse = {
  shareReal: 0.6,
  shareFake: 0.4,
  corners: [lost, lost, trace, lost],
  outline: [
    [26, 0],
    [70, -15],
    [115, 0],
    [121, 4],
    [128, 12],
    [135, 60],
    [128, 108],
    [120, 118],
    [111, 127],
    [70, 143],
    [29, 127],
    [18, 116],
    [9, 108],
    [0, 91.5],
    [-8, 57],
    [0, 23.5],
    [5, 18],
    [10, 12],
    [17, 6],
  ],
  midline: 63.5,
  slope: 0.025,
  spread: 1,
  shiftX: 0,
  vessel: true,
  gap: 0.85,
  gain: 1.12,
  taps: [0.117, 0.123],
  noise: [
    0.64, 0.62, 0.76, 0.85, 0.88, 0.93, 0.81, 0.76, 0.63, 0.74, 0.95, 1.11, 1.18, 1.12, 1.12, 0.88, 0.67, 0.85, 1.12,
    1.16, 1.09, 1.09, 1.13, 1.03, 0.65, 0.85, 1.09, 1.19, 1.07, 1.2, 1.17, 1.02, 0.64, 0.92, 1.11, 1.2, 1.13, 1.12,
    1.14, 1.05, 0.63, 0.93, 1.1, 1.14, 1.15, 1.15, 1.19, 0.99, 0.62, 0.76, 0.99, 1.11, 1.15, 1.12, 1.17, 0.98, 0.66,
    0.65, 0.82, 0.96, 1.04, 1.05, 0.96, 0.85,
  ],
};

/** Three of the nine. The window cuts only the left corners; the midline is lower, and the areas are farther from it. */
const mouseB: Mouse = {
  shareReal: 0.4,
  shareFake: 0.6,
  corners: [often, lost, always, lost],
  outline: [
    [20.5, 0],
    [70, -20],
    [150, -20],
    [150, 148],
    [70, 148],
    [25.5, 127],
    [14, 114.5],
    [8, 107],
    [4, 98],
    [0, 86],
    [-5, 57],
    [0, 29],
    [3, 21.5],
    [7, 9.5],
    [12, 6],
  ],
  midline: 68.5,
  slope: -0.01,
  spread: 1.25,
  shiftX: 3,
  vessel: false,
  gap: 0.7,
  gain: 0.8,
  taps: [0.108, 0.113],
  noise: [
    1.0, 1.03, 1.1, 1.13, 1.14, 0.99, 0.81, 0.86, 0.92, 1.01, 1.16, 1.12, 1.02, 0.94, 0.84, 0.69, 0.87, 1.07, 1.17,
    1.06, 0.97, 0.85, 0.78, 0.77, 0.85, 1.04, 1.14, 1.09, 0.88, 0.81, 0.91, 0.9, 0.86, 0.99, 1.06, 1.15, 1.0, 0.96,
    0.94, 1.04, 0.85, 0.98, 1.14, 1.08, 1.05, 0.97, 0.97, 1.02, 0.79, 0.93, 1.06, 1.13, 1.11, 1.11, 1.1, 1.07, 0.58,
    0.84, 0.93, 1.03, 1.06, 1.15, 1.11, 1.05,
  ],
};

export const measuredMice: readonly [Mouse, Mouse] = [mouseA, mouseB];

/** The same table for the fakes. It is nearly even: the generator hardly reproduces where the noise is strong. */
export const fakeStrength: readonly number[] = [
  0.87, 0.92, 1.0, 1.01, 0.98, 1.01, 1.01, 0.93, 0.87, 1.04, 1.06, 1.02, 0.96, 0.99, 0.98, 1.0, 0.88, 1.02, 1.05, 1.01,
  0.88, 0.97, 0.96, 0.97, 0.89, 0.99, 1.07, 1.0, 0.99, 0.98, 1.01, 0.99, 0.92, 1.02, 1.06, 1.08, 1.02, 0.96, 1.02, 1.03,
  0.9, 1.02, 1.09, 1.08, 1.01, 1.0, 1.07, 1.02, 0.86, 1.02, 1.04, 1.1, 1.07, 1.07, 1.08, 1.02, 0.88, 0.87, 0.94, 1.04,
  1.04, 1.03, 1.02, 0.97,
];

/**
 * Filters that give white noise the measured autocorrelation. Real images: 0.22 at lag 1 along x and y, 0.08 on the
 * diagonal, 0.00 from lag 2 on. Fakes: 0.23 (x) and 0.25 (y) at lag 1, -0.03 along x at lag 3, 0.03 along y at lag 4.
 * These numbers vary more between fakes than between real images; `fakeNoiseScatter` has the standard deviations of the
 * autocorrelation, less those due to chance.
 */
export const realNoise = (mouse: Mouse): Taps => ({
  x: [mouse.taps[0], -0.005],
  y: [mouse.taps[1], -0.004],
  diagonal: 0.019,
});
export const fakeNoise: Taps = { x: [0.115, -0.001, -0.015, 0.006], y: [0.129, 0.008, 0.001, 0.013], diagonal: 0.02 };
export const fakeNoiseScatter = [0.026, 0.02, 0.02, 0.012] as const;

/**
 * An area of the cortex, mirrored about the midline: centre and radii in pixels of mouse A; d is the distance from the
 * midline.
 */
export interface Area {
  readonly x: number;
  readonly d: number;
  readonly radiusX: number;
  readonly radiusD: number;
}

/** The areas: ellipses drawn around the blobs of the smoothed pictures. */
export const areas: readonly Area[] = [
  { x: 72, d: 9, radiusX: 10, radiusD: 5 }, // beside the midline, left of the crossing vessel
  { x: 91, d: 9, radiusX: 9, radiusD: 4.8 }, // right of it; the brightest one in most pictures
  { x: 98, d: 31, radiusX: 9, radiusD: 11 },
  { x: 84, d: 23, radiusX: 15, radiusD: 10 },
  { x: 62, d: 20, radiusX: 14, radiusD: 11 },
  { x: 42, d: 11, radiusX: 15, radiusD: 8 },
  { x: 78, d: 27, radiusX: 28, radiusD: 22 }, // the whole hemisphere
  { x: 103, d: 41, radiusX: 7, radiusD: 8 },
  { x: 58, d: 46, radiusX: 12, radiusD: 7 },
  { x: 74, d: 12, radiusX: 24, radiusD: 8 }, // a strip along the midline
];

/** A repeated pattern of activity: amplitude of each area above the resting level, in units of pixel noise. */
export interface Activity {
  readonly share: number;
  readonly amplitude: readonly number[];
}

/** The five patterns of the nine real pictures. */
export const activities: readonly Activity[] = [
  { share: 0.3, amplitude: [2.7, 3, 0.7, 0.7, 0.5, 0.5, 1.7, 0.6, 0.3, 1.3] },
  { share: 0.2, amplitude: [2.5, 3, 2, 0.6, 0.3, 1, 0.7, 2.2, 1, 1.3] },
  { share: 0.2, amplitude: [0.6, 0.9, 0.8, 1.4, 1.5, 0.7, 1.8, 0.4, 0.4, 1] },
  { share: 0.2, amplitude: [-0.2, 0.8, 3.2, 0.8, -0.5, -0.5, 0.7, 0.7, 0.5, 0.2] },
  { share: 0.1, amplitude: [-0.9, -1.4, -0.9, -1.2, -0.4, 0, -0.8, 0, 0, -0.9] },
];

/** Resting level above the background, in units of pixel noise, at the left and the right border of the window. */
export const restingLevel: readonly [left: number, right: number] = [1.15, 1.85];

/**
 * Correlation between the noise of two tiles of 32 x 32 pixels in a fake, and (`halfX`, `halfY`) between the halves of
 * a tile. A generator that upsamples 4 x 4 to 128 x 128 repeats with period 32. In real images all these values are
 * 0.00.
 */
export const tileLikeness = {
  anywhere: 0.035,
  sameRow: 0.085,
  sameColumn: 0.15,
  neighbour: 0.065,
  halfX: 0.05,
  halfY: 0.04,
} as const;

/**
 * The distribution of the fakes' noise has light tails: from the 1 % quantile to the minimum it is 1.15 standard
 * deviations, for a normal variable 1.6. The function t - 0.004 t^3 approximates this.
 */
export const fakeSaturation = 0.004;

/** Fractions of the noise that repeat with the shorter periods of the upsampling, in pixels. */
export const finePeriods: readonly (readonly [period: number, share: number])[] = [
  [16, 0.028],
  [8, 0.0045],
  [4, 0.0017],
  [2, 0.0006],
];

/**
 * The noise of two fakes of the same mouse is correlated (0.22 +- 0.15; of different mice -0.09 +- 0.07; of real images
 * 0.00 +- 0.01), because a generator draws from few patterns. `sameKind` is also the fraction that all fakes of a mouse
 * share.
 */
export const fakeLikeness = { sameKind: 0.22, otherKind: -0.09, patterns: 24 } as const;
