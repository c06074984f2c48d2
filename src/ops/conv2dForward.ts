/** The kernels of conv2d, when each is chosen, and their dispatches. The op is in conv2d.ts. */
import source from '../../shaders/conv2d.wgsl?raw';
import rowsSource from '../../shaders/conv2dRows.wgsl?raw';
import { ANY_GPU, ANY_SOFTWARE, type Target } from '../graph.ts';
import { elements } from '../tensor.ts';
import {
  type ConvKernel,
  type Convolution,
  chooseKernel,
  convConstants,
  type Epilogue,
  hasWholeQuads,
  isDepthwise,
  type LaunchList,
  type Operand,
  quads,
  type Shape4,
  withGemm,
} from './convolution.ts';
import { addGemm } from './convolutionGemm.ts';

const shader = { name: 'conv2d', source };
const rowsShader = { name: 'conv2dRows', source: rowsSource };

/**
 * `rows` computes tiles of 8 pixels. At least this fraction of a row's tiles must be pixels of the image to make it the
 * fastest.
 */
const FULL_ENOUGH = 0.75;
/** If a result depends on fewer rows of x than this, a tile of 8 channels in `rows` costs more to set up than it saves. */
const MANY_ROWS = 8;

/**
 * The kernels that can compute a convolution, the probably fastest first: `depthwise` if it applies, then `gemm` on a
 * GPU with enough work, then `rows` for dense windows over long rows, then `tile`. If the groups do not consist of
 * whole vec4s, only `plain` and `gemm` can.
 */
export function conv2dKernels(conv: Convolution, target: Target = ANY_GPU): readonly ConvKernel[] {
  if (isDepthwise(conv)) return ['depthwise', 'plain'];
  return withGemm(conv, withoutBarriers(conv), target);
}

function withoutBarriers(conv: Convolution): readonly ConvKernel[] {
  if (!hasWholeQuads(conv)) return ['plain'];
  const { w, strideY, strideX, dilationY, dilationX, outWidth } = conv;
  const dense = Math.max(strideY, strideX, dilationY, dilationX) === 1 && w[1] <= 8;
  if (!dense) return ['tile', 'plain'];
  const full = outWidth / (Math.ceil(outWidth / 8) * 8);
  return w[1] > 1 && full >= FULL_ENOUGH ? ['rows', 'tile', 'plain'] : ['tile', 'rows', 'plain'];
}

/** Whether the kernel of a convolution can also apply a bias and an activation. */
export function takesEpilogue(conv: Convolution): boolean {
  return conv.y[3] % 4 === 0 && chooseKernel(conv.kernel, conv2dKernels(conv, ANY_SOFTWARE)) !== 'plain';
}

/**
 * Adds the dispatches of a convolution of `input` with `filter` into `output`. Padding may be negative, which crops. If
 * no kernel was chosen, it takes one without barriers, which is not slow on any device.
 */
export function addConv2d(
  result: LaunchList,
  conv: Convolution,
  input: Operand,
  filter: Operand,
  output: Operand,
  epilogue: Epilogue = {},
): void {
  const { x, w, y, groups } = conv;
  const kernel = chooseKernel(conv.kernel, conv2dKernels(conv, ANY_SOFTWARE));
  if (kernel === 'gemm') {
    addGemm(result, conv, input, filter, output, epilogue);
    return;
  }
  if (kernel === 'plain') {
    const constants = { ...convConstants(conv, { x: 1, y: 1 }), KT: 1 };
    result.launch(shader, 'plain', constants, { x: input, w: filter }, { y: output }, elements(y));
    return;
  }
  const { bias, activation } = epilogue;
  // The fast kernels need the borders in memory, and whole vec4s of output channels.
  const [n, oh, ow, k] = y;
  const k4 = quads(k);
  const depthwise = kernel === 'depthwise';
  const bordered = result.bordered(conv, input, depthwise ? 4 * quads(x[3]) : x[3]);
  const weights = result.padded('w', filter, [w[0], w[1], w[2], 4 * k4], 'weights');
  const { target, finish } = result.cropped('y', output, [n, oh, ow, 4 * k4]);
  const vec4 = depthwise || (kernel === 'tile' && (x[3] / groups) % 4 === 0);
  const wide = kernel === 'tile' || (kernel === 'rows' && w[0] * w[2] >= MANY_ROWS);
  const kt = wide && (k4 / groups) % 2 === 0 ? 2 : 1;
  const constants: Record<string, number> = {
    ...convConstants({ ...conv, x: bordered.shape as Shape4, padTop: 0, padLeft: 0 }, { x: vec4 ? 4 : 1, y: 4 }),
    ...(depthwise ? { CG: 1, KG: 1 } : {}),
    KT: kt,
    BIAS: Number(bias !== undefined),
  };
  const reads = { [vec4 ? 'x4' : 'x']: bordered, w4: weights, bias4: bias ?? weights };
  const options = { activation, unused: bias ? undefined : ['bias4'] };
  if (kernel === 'rows') {
    const { SY, SX, DY, DX, TOP, LEFT, ...used } = constants;
    const tiles = n * oh * Math.ceil(ow / 8);
    result.launch(rowsShader, 'rows', used, reads, { y4: target }, (tiles * k4) / kt, options);
  } else {
    const tiles = Math.ceil((n * oh * ow) / (depthwise ? 4 : 8));
    const entryPoint = depthwise ? 'depthwise' : vec4 ? 'tile4' : 'tile';
    result.launch(shader, entryPoint, constants, reads, { y4: target }, (tiles * k4) / kt, options);
  }
  finish();
}
