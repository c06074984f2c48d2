import { broadcastTo } from '../../index.ts';
import { zeros } from '../arrays.ts';
import { operandIndex } from '../broadcast.ts';
import { opSpec } from '../spec.ts';

export const broadcastToSpec = opSpec<{ shape: number[]; scale?: number }>({
  name: 'broadcastTo',
  cases: [
    { why: 'one element', shapes: [[1]], params: { shape: [1] } },
    { why: 'the same shape, scaled', shapes: [[3, 5]], params: { shape: [3, 5], scale: -0.25 } },
    { why: 'from one element', shapes: [[1]], params: { shape: [3, 5, 7], scale: 1 / 105 } },
    { why: 'along leading axes', shapes: [[33]], params: { shape: [2, 5, 3, 33] } },
    { why: 'channels in whole vec4s', shapes: [[2, 1, 1, 12]], params: { shape: [2, 3, 5, 12], scale: 0.5 } },
    { why: 'to whole vec4s', shapes: [[3, 1]], params: { shape: [5, 3, 8] } },
    { why: 'inside and outside', shapes: [[5, 1, 3]], params: { shape: [2, 5, 31, 3] } },
    { why: 'along the last axis, scaled', shapes: [[2, 5, 1]], params: { shape: [2, 5, 33], scale: 3 } },
    { why: 'six axes that alternate', shapes: [[2, 1, 2, 1, 2, 1]], params: { shape: [2, 3, 2, 3, 2, 3] } },
  ],
  build: ([x], { shape, scale }) => broadcastTo(x!, shape, scale),
  forward: ([x], { shape, scale = 1 }) => {
    const y = zeros(shape);
    for (let i = 0; i < y.data.length; i++) y.data[i] = scale * x!.data[operandIndex(x!.shape, shape, i)]!;
    return y;
  },
  backward: ([x], dy, { shape, scale = 1 }) => {
    const dx = zeros(x!.shape);
    for (let i = 0; i < dy.data.length; i++) dx.data[operandIndex(x!.shape, shape, i)]! += scale * dy.data[i]!;
    return [dx];
  },
  tolerance: {
    forward: { error: 1e-7, why: 'a copy, or one rounding' },
    backward: { error: 1e-6, why: 'up to 105 terms' },
  },
});
