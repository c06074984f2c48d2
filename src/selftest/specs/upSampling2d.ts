import { type UpSampling2dOptions, upSampling2d } from '../../index.ts';
import { zeros } from '../arrays.ts';
import { both } from '../convolution.ts';
import { opSpec } from '../spec.ts';

/** Along an axis: for each output its pixels and their weights, by TensorFlow's rule for images whose pixels have centers at halves. */
function taps(pixels: number, factor: number, bilinear: boolean): [pixel: number, weight: number][][] {
  return Array.from({ length: pixels * factor }, (_, o) => {
    if (!bilinear) return [[Math.floor(o / factor), 1]];
    const at = (o + 0.5) / factor - 0.5;
    const [below, above] = [Math.max(Math.floor(at), 0), Math.min(Math.ceil(at), pixels - 1)];
    const part = at - Math.floor(at);
    return below === above ? [[below, 1]] : [[below, 1 - part], [above, part]]; // biome-ignore format: pairs
  });
}

/** Calls `visit` with flat indices of x and y and the weight between them. @returns the shape of y */
function weights(
  [n, h, w, c]: readonly number[],
  { size = 2, interpolation }: UpSampling2dOptions,
  visit: (ix: number, iy: number, weight: number) => void = () => {},
): readonly number[] {
  const bilinear = interpolation === 'bilinear';
  const [rows, columns] = [taps(h!, both(size)[0]!, bilinear), taps(w!, both(size)[1]!, bilinear)];
  for (let b = 0; b < n!; b++) {
    for (const [oy, row] of rows.entries()) {
      for (const [ox, column] of columns.entries()) {
        for (const [iy, a] of row) {
          for (const [ix, d] of column) {
            for (let k = 0; k < c!; k++) {
              visit(((b * h! + iy) * w! + ix) * c! + k, ((b * rows.length + oy) * columns.length + ox) * c! + k, a * d);
            }
          }
        }
      }
    }
  }
  return [n!, rows.length, columns.length, c!];
}

const SHAPES = [
  { why: 'one pixel', shapes: [[1, 1, 1, 1]], params: { size: 3 } },
  { why: 'nothing to do', shapes: [[2, 3, 4, 3]], params: { size: 1 } },
  { why: 'whole vec4s', shapes: [[2, 4, 5, 8]], params: {} },
  { why: 'odd channels', shapes: [[2, 5, 3, 5]], params: { size: 2 } },
  { why: 'an odd factor, which meets centers of pixels', shapes: [[1, 4, 6, 4]], params: { size: 3 } },
  { why: 'two factors, one row', shapes: [[3, 1, 7, 2]], params: { size: [4, 3] } },
  { why: 'columns alone', shapes: [[1, 6, 2, 33]], params: { size: [1, 5] } },
  { why: 'rows alone, one column', shapes: [[2, 3, 1, 12]], params: { size: [7, 1] } },
  { why: 'more than eight terms in a sum', shapes: [[1, 3, 2, 4]], params: { size: [12, 9] } },
] as const;

export const upSampling2dSpec = opSpec<UpSampling2dOptions>({
  name: 'upSampling2d',
  cases: (['nearest', 'bilinear'] as const).flatMap((interpolation) =>
    SHAPES.map(({ why, shapes, params }) => ({ why, shapes, params: { ...params, interpolation } })),
  ),
  build: ([x], params) => upSampling2d(x!, params),
  forward: ([x], params) => {
    const y = zeros(weights(x!.shape, params));
    weights(x!.shape, params, (ix, iy, weight) => {
      y.data[iy]! += weight * x!.data[ix]!;
    });
    return y;
  },
  backward: ([x], dy, params) => {
    const dx = zeros(x!.shape);
    weights(x!.shape, params, (ix, iy, weight) => {
      dx.data[ix]! += weight * dy.data[iy]!;
    });
    return [dx];
  },
  tolerance: {
    forward: { error: 3e-7, why: 'four products of a pixel with two weights' },
    backward: { error: 2e-6, why: 'sums of up to 430 such products, in levels' },
  },
});
