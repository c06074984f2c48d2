/** The kernels of conv2d's gradient with respect to x, and their dispatches. The op is in conv2d.ts. */
import source from '../../shaders/conv2dInputGrad.wgsl?raw';
import { ANY_GPU, ANY_SOFTWARE, type Target } from '../graph.ts';
import { elements } from '../tensor.ts';
import { addConv2d, conv2dKernels } from './conv2dForward.ts';
import {
  type ConvKernel,
  type Convolution,
  chooseKernel,
  convConstants,
  hasWholeQuads,
  isDepthwise,
  type LaunchList,
  type Operand,
  quads,
} from './convolution.ts';

const shader = { name: 'conv2dInputGrad', source };

/**
 * The kernels that can compute the gradient, the probably fastest first. For strides of 1, `rows` and `gemm` run conv2d
 * on dy with the rotated filter. The fast kernels cannot do an axis with both a stride and a dilation, nor groups that
 * do not consist of whole vec4s (except depthwise).
 */
export function inputGradKernels(conv: Convolution, target: Target = ANY_GPU): readonly ConvKernel[] {
  const { strideY, strideX, dilationY, dilationX } = conv;
  if (Math.min(strideY, dilationY) > 1 || Math.min(strideX, dilationX) > 1) return ['plain'];
  if (isDepthwise(conv)) return ['depthwise', 'plain'];
  if (Math.max(strideY, strideX) === 1) return conv2dKernels(turned(conv), target);
  return hasWholeQuads(conv) ? ['tile', 'plain'] : ['plain'];
}

/** The convolution of dy, with strides of 1, that gives dx. Its padding is negative where the padding of x is wide. */
function turned(conv: Convolution): Convolution {
  const { x, w, y, groups, dilationY, dilationX } = conv;
  return {
    ...conv,
    x: y,
    w: [w[0], w[1], y[3] / groups, x[3]],
    y: x,
    padTop: (w[0] - 1) * dilationY - conv.padTop,
    padLeft: (w[1] - 1) * dilationX - conv.padLeft,
    outHeight: x[1],
    outWidth: x[2],
  };
}

/**
 * How dy must be padded along one axis so that every tap of every pixel of x reads an element inside it: the padded
 * size, and the index at which dy begins. Pixels of x whose distance is a multiple of the stride are one phase, of
 * `pixels` pixels; see the shader.
 */
function laidOut(size: number, kernel: number, stride: number, dilation: number, pad: number) {
  const pixels = Math.ceil(size / stride);
  let before = 0;
  let end = 0;
  for (let phase = 0; phase < stride; phase++) {
    const first = (phase + pad) % stride;
    const shift = Math.floor((phase + pad) / stride);
    const further = Math.max(0, Math.floor((kernel - 1 - first) / stride));
    before = Math.max(before, further * (stride === 1 ? dilation : 1) - shift);
    end = Math.max(end, pixels + shift);
  }
  return { pixels, before, size: before + end };
}

/**
 * Adds the dispatches that compute dx (`output`) from dy (`upstream`) and w (`filter`). If no kernel was chosen, it
 * takes one without barriers.
 */
export function addInputGrad(
  result: LaunchList,
  conv: Convolution,
  upstream: Operand,
  filter: Operand,
  output: Operand,
): void {
  const { x, w, y, groups } = conv;
  const kernel = chooseKernel(conv.kernel, inputGradKernels(conv, ANY_SOFTWARE));
  const pixels = x[0] * x[1] * x[2];
  if (kernel === 'plain') {
    const constants = { ...convConstants(conv, { x: 1, y: 1 }), PIXELS: pixels, CT: 1, BY: 0, BX: 0 };
    result.launch(shader, 'plain', constants, { dy: upstream, w: filter }, { dx: output }, elements(x));
    return;
  }
  if (kernel === 'rows' || kernel === 'gemm') {
    const filterTurned = result.temporary('turned', turned(conv).w, 'weights');
    const constants = { ...convConstants(conv, { x: 1, y: 1 }), CT: 1, BY: 0, BX: 0 };
    result.launch(shader, 'turn', constants, { w: filter }, { turned: filterTurned }, elements(w));
    addConv2d(result, { ...turned(conv), kernel }, upstream, filterTurned, output);
    return;
  }
  const rows = laidOut(x[1], w[0], conv.strideY, conv.dilationY, conv.padTop);
  const columns = laidOut(x[2], w[1], conv.strideX, conv.dilationX, conv.padLeft);
  const [c4, k4] = [quads(x[3]), quads(y[3])];
  const depthwise = kernel === 'depthwise';
  const inside = rows.before === 0 && columns.before === 0 && rows.size <= y[1] && columns.size <= y[2];
  const [height, width] = inside ? [y[1], y[2]] : [rows.size, columns.size];
  const padded = result.padded(
    'dy',
    upstream,
    [y[0], height, width, 4 * k4],
    'activations',
    rows.before,
    columns.before,
  );
  const weights = result.padded('w', filter, [w[0], w[1], depthwise ? 1 : 4 * quads(w[2]), 4 * k4], 'weights');
  const { target, finish } = result.cropped('dx', output, [x[0], x[1], x[2], 4 * c4]);
  const ct = !depthwise && (c4 / groups) % 2 === 0 ? 2 : 1;
  const perPhase = x[0] * rows.pixels * columns.pixels;
  const constants = {
    ...convConstants({ ...conv, y: [y[0], height, width, y[3]] }, { x: 4, y: 4 }),
    PIXELS: perPhase,
    ...(depthwise ? { CG: 1, KG: 1 } : {}),
    CT: ct,
    BY: rows.before,
    BX: columns.before,
  };
  const tiles = Math.ceil(perPhase / (depthwise ? 4 : 8)) * conv.strideY * conv.strideX;
  result.launch(shader, kernel, constants, { dy4: padded, w4: weights }, { dx4: target }, (tiles * c4) / ct);
  finish();
}
