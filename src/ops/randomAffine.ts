/** Flips, crops, shifts, rotations and zooms of images, drawn for each example: one resampling by an affine map. */
import source from '../../shaders/randomAffine.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { applyOp, type Dispatch, type Op } from '../graph.ts';
import { check, checkOneOf, checkOptions, type Kind } from '../options.ts';
import { shown } from '../shown.ts';
import { formatShape, type Shape, type Tensor } from '../tensor.ts';
import {
  checkOperands,
  checkRange,
  checkSalt,
  type DrawRange,
  drawConstants,
  elementGrid,
  type PerExampleOptions,
} from './perExample.ts';

const shader = { name: 'randomAffine', source };

export const FLIP_MODES = ['horizontal', 'vertical', 'horizontalAndVertical'] as const;
export type FlipMode = (typeof FLIP_MODES)[number];

/** What lies outside of an image: its place in the list is the shader's number of it. */
export const FILL_MODES = ['constant', 'reflect', 'wrap', 'nearest'] as const;
export type FillMode = (typeof FILL_MODES)[number];

export const SAMPLINGS = ['nearest', 'bilinear'] as const;

/** How a map takes pixels of the image. */
export interface SamplingOptions {
  /** The nearest pixel, or the mean of the four around, by their distance. Default `bilinear`. */
  readonly interpolation?: (typeof SAMPLINGS)[number];
  /**
   * What lies outside of the image a b c d: `constant` (the `fillValue`), `reflect` (d c b a | a b c d | d c b a), `wrap` (a b c d |
   * a b c d | a b c d) or `nearest` (a a a a | a b c d | d d d d). Default `reflect`.
   */
  readonly fillMode?: FillMode;
  /** Default 0. */
  readonly fillValue?: number;
}

/** Exactly one of `flip`, `crop`, `translation`, `rotation` and `zoom`. */
export interface RandomAffineOptions extends PerExampleOptions, SamplingOptions {
  /** Mirrors along an axis, or along each of both, with probability 1/2. Pixels are copied. */
  readonly flip?: FlipMode;
  /** Cuts out a window of `[height, width]` pixels, at a place drawn from all that there are. Pixels are copied. */
  readonly crop?: readonly [number, number];
  /** Moves down and to the right by `[rows, columns]`, each a range in pixels. */
  readonly translation?: readonly [DrawRange, DrawRange];
  /** Turns counterclockwise around the centre: a range in whole turns. */
  readonly rotation?: DrawRange;
  /**
   * Makes the distance between the places where pixels are taken `[rows, columns]` times as long, around the centre: each a range
   * above 0. Above 1 the image gets smaller. A single range is drawn once, for both.
   */
  readonly zoom?: readonly [DrawRange] | readonly [DrawRange, DrawRange];
}

/** The maps, in the order of their numbers in the shader. */
const MAPS = ['flip', 'crop', 'translation', 'rotation', 'zoom'] as const;

const OPTIONS = {
  salt: 'countFrom0',
  flip: 'any',
  crop: 'any',
  translation: 'any',
  rotation: 'any',
  zoom: 'any',
  interpolation: 'any',
  fillMode: 'any',
  fillValue: 'number',
} as const satisfies Record<keyof RandomAffineOptions, Kind>;

interface Attributes {
  /** Shape of the images that the map takes pixels from, `[n, h, w, c]`. */
  readonly from: Shape;
  /** Shape of those that it makes. */
  readonly to: Shape;
  readonly salt: number;
  readonly constants: Readonly<Record<string, number>>;
}

const ANY: DrawRange = [-1e30, 1e30];
const NONE: DrawRange = [0, 0];

/** The two draws of a map. @throws ArgumentError for values that make no sense */
function drawsOf(what: string, options: RandomAffineOptions): readonly [DrawRange, DrawRange] {
  const { flip, crop, translation, rotation, zoom } = options;
  if (flip !== undefined) {
    checkOneOf(what, 'flip', flip, FLIP_MODES);
    const along = (axis: FlipMode): DrawRange => (flip === axis || flip === 'horizontalAndVertical' ? [1, 1] : NONE);
    return [along('vertical'), along('horizontal')];
  }
  const pair = (name: string, value: unknown, bounds: DrawRange, words: string): readonly [DrawRange, DrawRange] => {
    const ranges = Array.isArray(value) && value.length === 1 ? [value[0], value[0]] : value;
    if (!Array.isArray(ranges) || ranges.length !== 2)
      throw new ArgumentError(`${what}: ${name} must be two ranges, [rows, columns], got ${shown(value)}.`);
    const [rows, columns] = ranges.map((range) => checkRange(what, name, range, bounds, words));
    return [rows!, columns!];
  };
  if (translation !== undefined) return pair('translation', translation, ANY, 'in pixels');
  if (rotation !== undefined) return [checkRange(what, 'rotation', rotation, ANY, 'in whole turns'), NONE];
  if (zoom !== undefined) return pair('zoom', zoom, [2 ** -20, 1e30], 'numbers above 0');
  if (!Array.isArray(crop) || crop.length !== 2 || !crop.every((size) => Number.isInteger(size) && size > 0))
    throw new ArgumentError(`${what}: crop must be [height, width] in whole pixels, got ${shown(crop)}.`);
  return [NONE, NONE];
}

/** What the shader has to know of a map. @throws ArgumentError, ShapeError for options that make no sense, or do not fit x */
function attributesOf(what: string, { shape }: Tensor, options: RandomAffineOptions): Attributes {
  const given = MAPS.filter((name) => options[name] !== undefined);
  if (given.length !== 1)
    throw new ArgumentError(`${what}: give one of ${MAPS.join(', ')}, got ${given.join(' and ') || 'none'}.`);
  const { salt, interpolation = 'bilinear', fillMode = 'reflect', fillValue = 0, crop, flip } = options;
  checkSalt(what, salt);
  checkOneOf(what, 'interpolation', interpolation, SAMPLINGS);
  checkOneOf(what, 'fillMode', fillMode, FILL_MODES);
  const [a, b] = drawsOf(what, options);
  const [n, h, w, c] = shape as [number, number, number, number];
  const [height, width] = crop ?? [h, w];
  if (height > h || width > w)
    throw new ShapeError(
      `${what}: a crop of ${formatShape([height, width])} does not fit into images of ${formatShape([h, w])}.`,
    );
  return {
    from: shape,
    to: [n, height, width, c],
    salt,
    constants: {
      KIND: MAPS.indexOf(given[0]!),
      A: a[0],
      A_SPAN: a[1] - a[0],
      B: b[0],
      B_SPAN: b[1] - b[0],
      SAME: Number(options.zoom?.length === 1),
      // Flips and crops take whole pixels from within the image.
      LINEAR: Number(interpolation === 'bilinear' && !crop && !flip),
      FILL: FILL_MODES.indexOf(fillMode),
      VALUE: fillValue,
    },
  };
}

/** @param seed undefined for a crop at the centre, which draws nothing */
function launch(
  { from, to, salt, constants }: Attributes,
  source: Tensor,
  seed: Tensor | undefined,
  target: Tensor,
  back: boolean,
): Dispatch[] {
  const [, h, w, c] = from as [number, number, number, number];
  const [, height, width] = to as [number, number, number];
  const { COUNT, workgroups } = elementGrid(target);
  const draw = seed ? drawConstants(seed, salt) : { SALT: 0, PLACED: 0 };
  return [
    {
      shader,
      entryPoint: back ? 'backward' : 'forward',
      constants: { COUNT, H: h, W: w, C: c, OH: height, OW: width, CENTRE: Number(!seed), ...constants, ...draw },
      reads: { [back ? 'dy' : 'x']: source, seed: seed ?? source },
      unused: seed ? undefined : ['seed'],
      writes: { [back ? 'dx' : 'y']: target },
      workgroups,
    },
  ];
}

const gradient: Op<Attributes> = {
  name: 'randomAffineGrad',
  outputs: (_, { from }) => [{ shape: from }],
  dispatches: ({ inputs: [dy, seed], outputs: [dx], attributes }) => launch(attributes, dy!, seed, dx!, true),
  // dx is linear in dy, by the weights of the op itself, in which nothing comes from outside of the image.
  backward: ({ inputs: [, seed], attributes }, [g]) => [
    applyOp(op, seed ? [g!, seed] : [g!], {
      ...attributes,
      constants: { ...attributes.constants, VALUE: 0 },
    })[0],
    ...(seed ? [undefined] : []),
  ],
};

const op: Op<Attributes> = {
  name: 'randomAffine',
  outputs: (_, { to }) => [{ shape: to }],
  dispatches: ({ inputs: [x, seed], outputs: [y], attributes }) => launch(attributes, x!, seed, y!, false),
  backward: ({ inputs: [, seed], attributes }, [dy]) => [
    applyOp(gradient, seed ? [dy!, seed] : [dy!], attributes)[0],
    ...(seed ? [undefined] : []),
  ],
};

/**
 * Resamples images by an affine map, another one for each example, drawn from (seed, salt, number of the example) alone;
 * shaders/randomAffine.wgsl has the hash and the maps. Flips, crops, and turns by quarters copy pixels bit for bit.
 * @param x `[n, h, w, c]`
 * @param seed u32 `[1]`, an input that the host changes every step; or `[2]`, with the number of x's first example after it
 * @returns `[n, h, w, c]`, for a crop `[n, height, width, c]`
 * @throws ShapeError if x or the seed is of another shape, or if a crop does not fit into the images
 * @throws ArgumentError unless there is exactly one map, and for options with values that make no sense
 */
export function randomAffine(x: Tensor, seed: Tensor, options: RandomAffineOptions): Tensor {
  const checked = checkOptions('randomAffine', options, OPTIONS);
  check('randomAffine', 'salt', checked.salt, 'countFrom0');
  checkOperands('randomAffine', x, seed);
  return applyOp(op, [x, seed], attributesOf('randomAffine', x, checked))[0]!;
}

/**
 * The window of `[height, width]` pixels at the centre of images; of an odd rest one pixel more lies below and to the right.
 * @param x `[n, h, w, c]`
 * @throws ShapeError if x is of another shape, or if the window does not fit
 */
export function centerCrop(x: Tensor, crop: readonly [number, number]): Tensor {
  if (x.shape.length !== 4) throw new ShapeError(`centerCrop: x must be [n, h, w, c], got ${formatShape(x.shape)}.`);
  return applyOp(op, [x], attributesOf('centerCrop', x, { salt: 0, crop }))[0]!;
}
