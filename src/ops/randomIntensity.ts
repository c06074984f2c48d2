/** Brightness and contrast, drawn for each example: an element-wise map and its gradient. */
import source from '../../shaders/randomIntensity.wgsl?raw';
import { ArgumentError } from '../errors.ts';
import { applyOp, type Dispatch, type Op } from '../graph.ts';
import { checkOptions, type Kind } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import {
  checkOperands,
  checkRange,
  checkSalt,
  type DrawRange,
  drawConstants,
  elementGrid,
  type PerExampleOptions,
} from './perExample.ts';
import { mean, sumTo } from './reduce.ts';

const shader = { name: 'randomIntensity', source };

/** Exactly one of `brightness` and `contrast`. */
export interface RandomIntensityOptions extends PerExampleOptions {
  /** Adds a number: its range, in units of x. */
  readonly brightness?: DrawRange;
  /** Multiplies the distance to the mean of the channel in its image: the range of the factor. */
  readonly contrast?: DrawRange;
  /** The least and the largest value of the result; what is beyond becomes the nearest of both. */
  readonly valueRange: DrawRange;
}

const OPTIONS = {
  salt: 'countFrom0',
  brightness: 'any',
  contrast: 'any',
  valueRange: 'any',
} as const satisfies Record<keyof RandomIntensityOptions, Kind>;

interface Attributes {
  readonly salt: number;
  readonly draw: DrawRange;
  readonly valueRange: DrawRange;
  /** Of a gradient: whether it is that by the mean, not that by x. */
  readonly ofMean?: boolean;
}

/** @param inputs x, seed, and for contrast the mean `[n, 1, 1, c]` */
function launch(
  entryPoint: 'forward' | 'backward',
  [x, seed, middle]: readonly (Tensor | undefined)[],
  { salt, draw: [low, high], valueRange, ofMean = false }: Attributes,
  reads: Readonly<Record<string, Tensor>>,
  writes: Readonly<Record<string, Tensor>>,
): Dispatch[] {
  const [, h, w, c] = x!.shape as [number, number, number, number];
  const { COUNT, workgroups } = elementGrid(x!);
  return [
    {
      shader,
      entryPoint,
      constants: {
        ...{ COUNT, P: h * w, C: c, CONTRAST: Number(middle !== undefined), A: low, A_SPAN: high - low },
        ...{ LOWEST: valueRange[0], HIGHEST: valueRange[1], OF_MEAN: Number(ofMean) },
        ...drawConstants(seed!, salt),
      },
      reads: { x: x!, seed: seed!, mean: middle ?? x!, ...reads },
      unused: middle ? undefined : ['mean'],
      writes,
      workgroups,
    },
  ];
}

const gradient: Op<Attributes> = {
  name: 'randomIntensityGrad',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches: ({ inputs: [dy, ...inputs], outputs: [dx], attributes }) =>
    launch('backward', inputs, attributes, { dy: dy! }, { dx: dx! }),
};

const op: Op<Attributes> = {
  name: 'randomIntensity',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches: ({ inputs, outputs: [y], attributes }) => launch('forward', inputs, attributes, {}, { y: y! }),
  backward: ({ inputs, attributes }, [dy]) => {
    const [, , middle] = inputs;
    const part = (ofMean: boolean) => applyOp(gradient, [dy!, ...inputs], { ...attributes, ofMean })[0]!;
    return [part(false), undefined, ...(middle ? [sumTo(part(true), middle.shape)] : [])];
  },
};

/**
 * Changes the brightness or the contrast of images, by another amount for each example, drawn from (seed, salt, number of the
 * example) alone: x + b, or (x - mean) f + mean, where the mean is that of a channel in an image.
 * @param x `[n, h, w, c]`
 * @param seed u32 `[1]`, an input that the host changes every step; or `[2]`, with the number of x's first example after it
 * @throws ShapeError if x or the seed is of another shape
 * @throws ArgumentError unless there is exactly one of both, and for options with values that make no sense
 */
export function randomIntensity(x: Tensor, seed: Tensor, options: RandomIntensityOptions): Tensor {
  const what = 'randomIntensity';
  const { salt, brightness, contrast, valueRange } = checkOptions(what, options, OPTIONS);
  checkSalt(what, salt);
  if ((brightness === undefined) === (contrast === undefined))
    throw new ArgumentError(`${what}: give one of brightness and contrast.`);
  const any: DrawRange = [-1e30, 1e30];
  const draw =
    brightness !== undefined
      ? checkRange(what, 'brightness', brightness, any, 'in units of x')
      : checkRange(what, 'contrast', contrast, [0, 1e30], 'factors of at least 0');
  checkRange(what, 'valueRange', valueRange, any, 'in units of x');
  checkOperands(what, x, seed);
  const inputs = contrast ? [x, seed, mean(x, { axes: [1, 2], keepDims: true })] : [x, seed];
  return applyOp(op, inputs, { salt, draw, valueRange })[0]!;
}
