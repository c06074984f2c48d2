import { pad2d, type Sides } from '../../index.ts';
import { type Array64, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

interface Params {
  readonly padding: Sides;
}

/** Calls `visit` with flat indices of each element of x and its place in y. @returns the shape of y */
function places(
  shape: readonly number[],
  { padding: [[top, bottom], [left, right]] }: Params,
  visit: (ix: number, iy: number) => void = () => {},
): readonly number[] {
  const [n, h, w, c] = shape as [number, number, number, number];
  const [oh, ow] = [top + h + bottom, left + w + right];
  for (let b = 0; b < n; b++) {
    for (let i = 0; i < h; i++) {
      for (let j = 0; j < w; j++) {
        for (let k = 0; k < c; k++) {
          visit(((b * h + i) * w + j) * c + k, ((b * oh + i + top) * ow + j + left) * c + k);
        }
      }
    }
  }
  return [n, oh, ow, c];
}

export const pad2dSpec = opSpec<Params>({
  name: 'pad2d',
  cases: [
    { why: 'nothing to do', shapes: [[1, 1, 1, 1]], params: { padding: [[0, 0], [0, 0]] } }, // biome-ignore format: pairs
    { why: 'one pixel inside a frame', shapes: [[1, 1, 1, 1]], params: { padding: [[1, 2], [3, 0]] } }, // biome-ignore format: pairs
    { why: 'each side of its own, odd sizes', shapes: [[2, 3, 5, 3]], params: { padding: [[1, 0], [0, 4]] } }, // biome-ignore format: pairs
    { why: 'whole vec4s', shapes: [[3, 4, 3, 8]], params: { padding: [[0, 3], [2, 1]] } }, // biome-ignore format: pairs
    { why: 'partial workgroup', shapes: [[2, 5, 6, 33]], params: { padding: [[2, 2], [1, 1]] } }, // biome-ignore format: pairs
  ],
  build: ([x], { padding }) => pad2d(x!, padding),
  forward: ([x], params) => {
    const y = zeros(places(x!.shape, params));
    places(x!.shape, params, (ix, iy) => {
      y.data[iy] = x!.data[ix]!;
    });
    return y;
  },
  backward: ([x], dy: Array64, params) => {
    const dx = zeros(x!.shape);
    places(x!.shape, params, (ix, iy) => {
      dx.data[ix] = dy.data[iy]!;
    });
    return [dx];
  },
  tolerance: { forward: { error: 0, why: 'a copy' } },
});
