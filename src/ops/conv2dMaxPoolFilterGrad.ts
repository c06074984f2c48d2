import source from '../../shaders/conv2dMaxPoolFilterGrad.wgsl?raw';
import { apply, type Op } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import type { ConvPool } from './conv2dMaxPool.ts';
import { Recipe, type Shape4 } from './convolution.ts';

const shader = { name: 'conv2dMaxPoolFilterGrad', source };

/** The windows are cut into chunks until there are so many invocations, so that a device has enough to do at once. */
const ENOUGH_INVOCATIONS = 16384;
/** A chunk of fewer windows is not worth its share of the second pass. */
const SHORTEST_CHUNK = 32;
/** More chunks than this make the second pass long. */
const MOST_CHUNKS = 256;

/** How the sum over windows is cut, given the invocations that one chunk takes. */
export function windowChunks(
  windows: number,
  invocations: number,
): { readonly chunks: number; readonly length: number } {
  const wanted = Math.min(
    MOST_CHUNKS,
    Math.ceil(ENOUGH_INVOCATIONS / invocations),
    Math.ceil(windows / SHORTEST_CHUNK),
  );
  const length = Math.ceil(windows / wanted);
  return { chunks: Math.ceil(windows / length), length };
}

function recipe({ conv, pool }: ConvPool): Recipe {
  const { kernelHeight: poolHeight, kernelWidth: poolWidth } = pool.window;
  const y = pool.y as Shape4;
  const result = new Recipe();
  const input = result.bordered(conv, result.input(0, conv.x), conv.x[3]);
  const [, height, width, channels] = input.shape as Shape4;
  const [kernelHeight, kernelWidth] = conv.w;
  const vec4 = channels % 4 === 0;
  const units = vec4 ? channels / 4 : channels;
  const parts = (vec4 ? kernelHeight : Math.ceil(kernelHeight / 5)) * units + 1;
  const windows = y[0] * y[1] * y[2];
  const { chunks, length } = windowChunks(windows, parts * y[3]);
  const constants = {
    WINDOWS: windows,
    H: height,
    W: width,
    C: units,
    OH: y[1],
    OW: y[2],
    K: y[3],
    KH: kernelHeight,
    KW: kernelWidth,
    SY: conv.strideY,
    SX: conv.strideX,
    DY: conv.dilationY,
    DX: conv.dilationX,
    PH: poolHeight,
    PW: poolWidth,
    CHUNKS: chunks,
    LENGTH: length,
    CI: channels,
  };
  const steps = kernelHeight * kernelWidth * channels;
  const partial = result.temporary('partial', [chunks, steps + 1, y[3]]);
  const reads = { [vec4 ? 'x4' : 'x']: input, dy: result.input(1, y), chosen: result.input(2, y) };
  result.launch(shader, vec4 ? 'rows4' : 'rows', constants, reads, { partial }, parts * y[3] * chunks);
  const outputs = { dw: result.output(conv.w), db: result.output([y[3]], 1) };
  result.launch(shader, 'finish', constants, { partials: partial }, outputs, (steps + 1) * y[3]);
  return result;
}

/** Inputs `x, dy, chosen`; outputs the gradients of the filter and of the bias. */
export const maxPoolFilterGradOp: Op<ConvPool> = {
  name: 'conv2dMaxPoolFilterGrad',
  outputs: (_, { conv, pool }) => [{ shape: conv.w }, { shape: [pool.y[3]!], name: 'bias' }],
  scratch: (_, attributes) => recipe(attributes).scratch,
  dispatches: (node) => recipe(node.attributes).dispatches(node),
};

/** Gradients of `conv2dMaxPool` for its filter and its bias, from the windows' choices. */
export function maxPoolFilterGrad(x: Tensor, dy: Tensor, chosen: Tensor, attributes: ConvPool): Tensor[] {
  return apply(maxPoolFilterGradOp, [x, dy, chosen], attributes);
}
