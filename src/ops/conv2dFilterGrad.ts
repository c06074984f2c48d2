import source from '../../shaders/conv2dFilterGrad.wgsl?raw';
import { apply1, type Op } from '../graph.ts';
import { elements, type Shape, type Tensor } from '../tensor.ts';
import { conv2dOf } from './conv2d.ts';
import { inputGrad } from './conv2dInputGrad.ts';
import {
  type Conv2dOptions,
  type ConvKernel,
  type Convolution,
  chooseKernel,
  convConstants,
  convolution,
  expectOperand,
  hasWholeQuads,
  isDepthwise,
  quads,
  Recipe,
  type Shape4,
} from './convolution.ts';

const shader = { name: 'conv2dFilterGrad', source };

/** The pixels are cut into chunks until there are so many invocations, so that a device has enough to do at once. */
const ENOUGH_INVOCATIONS = 32768;
/** A chunk of fewer pixels is not worth its share of the second pass. */
const SHORTEST_CHUNK = 128;
/** Chunks that one invocation of the second pass sums; more of them take a third pass. */
const SPAN = 64;

/** Kernels that can do the gradient, the one that is likely the fastest first; as for `conv2d`. */
export function filterGradKernels(conv: Convolution): readonly ConvKernel[] {
  if (isDepthwise(conv)) return ['depthwise', 'plain'];
  return hasWholeQuads(conv) ? ['tile', 'plain'] : ['plain'];
}

/** How the sum over pixels is cut, given the tiles that the weights make: `chunks` of `length` pixels, a multiple of 4. */
export function pixelChunks(pixels: number, tiles: number): { readonly chunks: number; readonly length: number } {
  const wanted = Math.min(Math.ceil(ENOUGH_INVOCATIONS / tiles), Math.ceil(pixels / SHORTEST_CHUNK));
  const length = 4 * Math.ceil(pixels / wanted / 4);
  return { chunks: Math.ceil(pixels / length), length };
}

function recipe(conv: Convolution): Recipe {
  const result = new Recipe();
  const { x, w, y, groups } = conv;
  const [input, upstream, output] = [result.input(0, x), result.input(1, y), result.output(w)];
  const kernel = chooseKernel(conv.kernel, filterGradKernels(conv));
  if (kernel === 'plain') {
    const constants = { ...convConstants(conv, { x: 1, y: 1 }), KT: 1, CHUNKS: 1, LENGTH: 1, KO: w[3], SPAN: 1 };
    result.launch(shader, 'plain', constants, { x: input, dy: upstream }, { dw: output }, elements(w));
    return result;
  }
  const depthwise = kernel === 'depthwise';
  const [n, oh, ow, k] = y;
  const k4 = quads(k);
  const bordered = result.bordered(conv, input, depthwise ? 4 * quads(x[3]) : x[3]);
  const dy = result.padded('dy', upstream, [n, oh, ow, 4 * k4]);

  const vec4 = depthwise || w[2] % 4 === 0;
  const kt = !depthwise && (k4 / groups) % 2 === 0 ? 2 : 1;
  const steps = w[0] * w[1] * w[2];
  const tiles = Math.ceil(steps / (depthwise ? 5 : 8)) * (k4 / kt);
  const { chunks, length } = pixelChunks(n * oh * ow, tiles);
  const constants = {
    ...convConstants({ ...conv, x: bordered.shape as Shape4, padTop: 0, padLeft: 0 }, { x: vec4 ? 4 : 1, y: 4 }),
    ...(depthwise ? { CG: 1, KG: 1 } : {}),
    KT: kt,
    CHUNKS: chunks,
    LENGTH: length,
    KO: k,
    SPAN,
  };
  const whole = chunks === 1 && k % 4 === 0;
  const part = [w[0], w[1], w[2], 4 * k4] as const;
  let partial = whole ? output : result.temporary('partial', [chunks, ...part]);
  const entryPoint = kernel === 'tile' && vec4 ? 'tile4' : kernel;
  const reads = { [vec4 ? 'x4' : 'x']: bordered, dy4: dy };
  result.launch(shader, entryPoint, constants, reads, { partial }, tiles * chunks);

  const counts = { ...constants, ...(depthwise ? {} : { C: x[3], CG: w[2] }) };
  let left = chunks;
  for (; left > SPAN; left = Math.ceil(left / SPAN)) {
    const sums = result.temporary('sums', [Math.ceil(left / SPAN), ...part]);
    const sizes = { ...counts, CHUNKS: left, KO: 4 * k4 };
    result.launch(shader, 'finish', sizes, { partials: partial }, { dw: sums }, elements(sums.shape));
    partial = sums;
  }
  if (!whole) {
    const sizes = { ...counts, CHUNKS: left };
    result.launch(shader, 'finish', sizes, { partials: partial }, { dw: output }, elements(w));
  }
  return result;
}

export const conv2dFilterGradOp: Op<Convolution> = {
  name: 'conv2dFilterGrad',
  outputs: ([x, dy], conv) => {
    expectOperand('conv2dFilterGrad', 'x', x!, conv.x);
    expectOperand('conv2dFilterGrad', 'dy', dy!, conv.y);
    return [{ shape: conv.w }];
  },
  kernels: (_, conv) => filterGradKernels(conv),
  scratch: (_, conv) => recipe(conv).scratch,
  dispatches: (node) => recipe(node.attributes).dispatches(node),
  // dw is linear in x and in dy, and the upstream gradient g has the shape of w: sum g dw = sum conv2d(x, g) dy.
  backward: ({ inputs: [x, dy], attributes: conv }, [g]) => [inputGrad(dy!, g!, conv), conv2dOf(x!, g!, conv)],
};

/** The gradient by a convolution that is checked already. */
export function filterGrad(x: Tensor, dy: Tensor, conv: Convolution): Tensor {
  return apply1(conv2dFilterGradOp, [x, dy], conv);
}

/**
 * Gradient of `conv2d(x, w, options)` for w.
 * @param x `[n, h, w, c]`
 * @param dy upstream gradient, `[n, oh, ow, k]`
 * @param w shape of w, `[kh, kw, c / groups, k]`
 * @throws ShapeError, ArgumentError as `conv2d`, and where dy does not have the shape of its result
 */
export function conv2dFilterGrad(x: Tensor, dy: Tensor, w: Shape, options: Conv2dOptions = {}): Tensor {
  return filterGrad(x, dy, convolution('conv2dFilterGrad', x.shape, w, options));
}
