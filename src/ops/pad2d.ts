/** Padding and cropping of images: the op, and the dispatch that convolutions use for their own copies. */
import source from '../../shaders/pad2d.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply1, type Dispatch, expectDType, expectTensors, flatGrid, type Op } from '../graph.ts';
import { came, type Passed } from '../options.ts';
import { elements, formatShape, type Shape, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';

const shader = { name: 'pad2d', source };

/** `[[top, bottom], [left, right]]`, in pixels. */
export type Sides = readonly [readonly [number, number], readonly [number, number]];

/** The shape of the result, and the place of x's corner in it: negative for a crop. */
interface Attributes {
  readonly shape: Shape;
  readonly top: number;
  readonly left: number;
}

/**
 * Copies images into images of another size: x's first row and column become y's row `top` and column `left`; all other
 * pixels are 0. Channels are cut off, or filled with zeros, at the end. `top` and `left` may be negative, which crops.
 */
export function padDispatch(x: Tensor, y: Tensor, top: number, left: number): Dispatch {
  const [, h, w, c] = x.shape as [number, number, number, number];
  const [, outHeight, outWidth, outChannels] = y.shape as [number, number, number, number];
  const unit = c === outChannels && c % 4 === 0 ? 4 : 1;
  const n = elements(y.shape) / unit;
  return {
    shader,
    entryPoint: unit === 4 ? 'forward4' : 'forward',
    constants: {
      N: n,
      H: h,
      W: w,
      C: c / unit,
      OH: outHeight,
      OW: outWidth,
      OC: outChannels / unit,
      TOP: top,
      LEFT: left,
    },
    reads: { [unit === 4 ? 'x4' : 'x']: x },
    writes: { [unit === 4 ? 'y4' : 'y']: y },
    workgroups: flatGrid(n, WORKGROUP),
  };
}

/** The gradient of a padding is a crop, and that of a crop is a padding. */
function padOp(name: string, inverse: () => Op<Attributes>): Op<Attributes> {
  return {
    name,
    outputs: ([x], { shape }) => {
      expectDType(name, x!, 'f32');
      return [{ shape }];
    },
    dispatches: ({ inputs: [x], outputs: [y], attributes: { top, left } }) => [padDispatch(x!, y!, top, left)],
    backward: ({ inputs: [x], attributes: { top, left } }, [dy]) => [
      apply1(inverse(), [dy!], { shape: x!.shape, top: -top, left: -left }),
    ],
  };
}

const pad: Op<Attributes> = padOp('pad2d', () => crop);
const crop: Op<Attributes> = padOp('pad2dGrad', () => pad);

/**
 * Adds zeros around images.
 * @param x `[n, h, w, c]`
 * @returns `[n, top + h + bottom, left + w + right, c]`
 * @throws ShapeError if x does not have four axes or is not f32
 * @throws ArgumentError for sides that are not whole numbers of at least 0
 */
export function pad2d(x: Tensor, padding: Sides, ...more: Passed): Tensor {
  expectTensors('pad2d', [x], more);
  if (x.shape.length !== 4) throw new ShapeError(`pad2d: x must be [n, h, w, c], got ${formatShape(x.shape)}.`);
  const sides = Array.isArray(padding) ? padding.flat() : [];
  if (padding.length !== 2 || sides.length !== 4 || !sides.every((side) => Number.isInteger(side) && side >= 0)) {
    throw new ArgumentError(`pad2d: padding must be [[top, bottom], [left, right]] in whole pixels, ${came(padding)}`);
  }
  const [top, bottom, left, right] = sides as [number, number, number, number];
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return apply1(pad, [x], { shape: [n, top + h + bottom, left + w + right, c], top, left });
}
