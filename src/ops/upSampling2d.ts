/** Larger images by repeated pixels, or by lines between them: options, checks and dispatches of the op and its gradient. */
import source from '../../shaders/upSampling2d.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, type Dispatch, expectDType, expectTensors, flatGrid, type Op } from '../graph.ts';
import { checkOneOf, checkOptions, type Kind } from '../options.ts';
import { elements, formatShape, type Shape, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';
import { type Pair, pair } from './window.ts';

const shader = { name: 'upSampling2d', source };

const INTERPOLATIONS = ['nearest', 'bilinear'] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

export interface UpSampling2dOptions {
  /** How many times as high and as wide the images become, whole numbers. Default 2. */
  readonly size?: Pair;
  /** `nearest` repeats each pixel, `bilinear` goes on lines between the centers of pixels. Default `nearest`. */
  readonly interpolation?: Interpolation;
}

const OPTIONS = { size: 'any', interpolation: 'any' } as const satisfies Record<keyof UpSampling2dOptions, Kind>;

interface Attributes {
  /** Shape of the smaller images, `[n, h, w, c]`. */
  readonly x: Shape;
  readonly size: readonly [number, number];
  readonly interpolation: Interpolation;
}

/** Checks the values of the options, and fills in the defaults. @throws ArgumentError for values that make no sense */
export function upSampling(
  what: string,
  { size = 2, interpolation = 'nearest' }: UpSampling2dOptions,
): Omit<Attributes, 'x'> {
  checkOneOf(what, 'interpolation', interpolation, INTERPOLATIONS);
  return { size: pair(`${what}: size`, size), interpolation };
}

/** One dispatch, with an invocation for each element or vec4 of the tensor that it writes. */
function launch({ x, size, interpolation }: Attributes, entryPoint: string, from: Tensor, to: Tensor): Dispatch[] {
  const [, h, w, c] = x as [number, number, number, number];
  const lanes = c % 4 === 0 ? 4 : 1;
  const suffix = lanes === 4 ? '4' : '';
  const [read, write] = entryPoint === 'forward' ? ['x', 'y'] : ['dy', 'dx'];
  const count = elements(to.shape) / lanes;
  return [
    {
      shader,
      entryPoint: entryPoint + suffix,
      constants: {
        COUNT: count,
        H: h,
        W: w,
        C: c / lanes,
        FY: size[0],
        FX: size[1],
        LINEAR: Number(interpolation === 'bilinear'),
      },
      reads: { [read + suffix]: from },
      writes: { [write + suffix]: to },
      workgroups: flatGrid(count, WORKGROUP),
    },
  ];
}

const gradient: Op<Attributes> = {
  name: 'upSampling2dGrad',
  outputs: (_, { x }) => [{ shape: x }],
  dispatches: ({ inputs: [dy], outputs: [dx], attributes }) => launch(attributes, 'backward', dy!, dx!),
  // dx is linear in dy, by the weights of the op itself.
  backward: ({ attributes }, [g]) => [apply1(op, [g!], attributes)],
};

const op: Op<Attributes> = {
  name: 'upSampling2d',
  outputs: (_, { x: [n, h, w, c], size }) => [{ shape: [n!, h! * size[0], w! * size[1], c!] }],
  dispatches: ({ inputs: [x], outputs: [y], attributes }) => launch(attributes, 'forward', x!, y!),
  backward: ({ attributes }, [dy]) => [apply1(gradient, [dy!], attributes)],
};

/**
 * Images a whole number of times as large, as Keras' UpSampling2D. `bilinear` has the centers of pixels at halves, as
 * `tf.image.resize`: output o lies at (o + 1/2) / size - 1/2 between the pixels, and no further than the first and the last.
 * @param x `[n, h, w, c]`
 * @returns `[n, h * size, w * size, c]`
 * @throws ShapeError if x is not `[n, h, w, c]` of f32
 * @throws ArgumentError for options with values that make no sense
 */
export function upSampling2d(x: Tensor, options: UpSampling2dOptions = {}): Tensor {
  expectTensors('upSampling2d', [x]);
  const checked = upSampling('upSampling2d', checkOptions('upSampling2d', options, OPTIONS));
  expectDType('upSampling2d', x, 'f32');
  if (x.shape.length !== 4) throw new ShapeError(`upSampling2d: x must be [n, h, w, c], got ${formatShape(x.shape)}.`);
  return apply1(op, [x], { x: x.shape, ...checked });
}
