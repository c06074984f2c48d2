/** Random convolutions and transposed ones, of bounded work. */
import type { ConvParams } from '../../src/selftest/convolution.ts';
import type { TransposeParams } from '../../src/selftest/specs/conv2dTranspose.ts';
import type { Choices } from './choices.ts';
import { CHANNELS, drawTransposed, drawWindow, imageShape, type Shape } from './shapes.ts';

/** Multiply-adds of a case, for which references and software adapters take their time. */
export const MOST_WORK = 200_000;

interface Conv {
  readonly x: Shape;
  readonly w: Shape;
  readonly params: ConvParams;
}

export function convolution(choose: Choices): Conv {
  const [n, h, width, c] = imageShape(choose, 2500) as [number, number, number, number];
  const most = choose.chance(6) ? { kernel: 9, dilation: 1 } : { kernel: 5, dilation: 3 };
  const { kernel, strides, dilation, padding } = drawWindow(choose, [h, width], most, false);
  const divisors = [1, c, 2, 4, 3].filter((g) => c % g === 0);
  const groups = choose.chance(3) ? choose.of(divisors) : 1;
  const perGroup = c / groups;
  const outputs = choose.of(CHANNELS.filter((k) => k % groups === 0).concat(groups, 2 * groups, 36 * groups));
  const params = { strides, dilation, padding, groups } as ConvParams;
  return { x: [n, h, width, c], w: [kernel[0], kernel[1], perGroup, outputs], params };
}

const work = (x: Shape, w: Shape) => x[0]! * x[1]! * x[2]! * w[0]! * w[1]! * w[2]! * w[3]!;

/** The same with fewer images and filters where that is too much. */
export function bounded({ x, w, params }: Conv): Conv {
  const groups = params.groups ?? 1;
  if (work(x, w) > MOST_WORK) x = [1, ...x.slice(1)];
  while (work(x, w) > MOST_WORK && w[3]! > groups) {
    w = [...w.slice(0, 3), groups * Math.max(1, Math.floor(w[3]! / groups / 2))];
  }
  return { x, w, params };
}

export function transposed(choose: Choices): { shapes: readonly Shape[]; params: TransposeParams } {
  const [n, h, width, c] = imageShape(choose, 700) as [number, number, number, number];
  const { w, window } = drawTransposed(choose, [h, width]);
  const divisors = [1, c, 2, 4, 3].filter((g) => c % g === 0);
  const groups = choose.chance(3) ? choose.of(divisors) : 1;
  const x = [n, h, width, c];
  const filter = (perGroup: number) => [...w, perGroup, c];
  let perGroup = groups === c ? choose.of([1, 2]) : choose.of(CHANNELS);
  while (perGroup > 1 && work(x, filter(perGroup)) > MOST_WORK) perGroup = Math.floor(perGroup / 2);
  return { shapes: [x, filter(perGroup)], params: { ...window, groups } };
}
