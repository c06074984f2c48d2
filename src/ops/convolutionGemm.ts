import source from '../../shaders/conv2dGemm.wgsl?raw';
import { elements } from '../tensor.ts';
import { type Convolution, convConstants, type Epilogue, type LaunchList, type Operand } from './convolution.ts';
import { chooseTile, invocations, splitSum, tileConstants, tileCount } from './gemm.ts';
import { matmulShader } from './matmul.ts';

const shader = { name: 'conv2dGemm', source };

/**
 * Adds the dispatches of a convolution as a matrix product whose workgroups share tiles. Padding may be negative, which
 * crops.
 */
export function addGemm(
  result: LaunchList,
  conv: Convolution,
  input: Operand,
  filter: Operand,
  output: Operand,
  { bias, activation }: Epilogue,
): void {
  const { w, y } = conv;
  const [pixels, filters, steps] = [y[0] * y[1] * y[2], y[3] / conv.groups, w[0] * w[1] * w[2]];
  const tile = chooseTile(pixels, filters, conv.groups);
  const tiles = tileCount(tile, pixels, filters) * conv.groups;
  const { parts, length } = splitSum(tile, tiles, steps);
  const slice = 4 * Math.ceil(elements(y) / 4);
  const sums = parts === 1 ? output : result.temporary('partial', [parts, slice]);
  const BIAS = Number(bias !== undefined);
  const constants = {
    ...convConstants(conv, { x: 1, y: 1 }),
    ...tileConstants(tile),
    BIAS,
    SPLITS: parts,
    LENGTH: length,
    SLICE: slice,
  };
  const whole = filters % 4 === 0;
  const reads = { x4: input, w4: filter, bias4: bias ?? filter };
  const threads = invocations(tile);
  const writes = { [whole ? 'y4' : 'y']: sums };
  result.launch(shader, whole ? 'tile4' : 'tile', constants, reads, writes, tiles * parts * threads, {
    workgroupSize: threads,
    activation: parts === 1 ? activation : undefined,
    unused: bias ? undefined : ['bias4'],
  });
  if (parts === 1) return;
  const sizes = { M: pixels, K: steps, N: y[3], TRANSPOSE_A: 0, TRANSPOSE_B: 0, SPLITS: parts, SLICE: slice, BIAS };
  const operands = { partial4: sums, bias: bias ?? filter };
  result.launch(matmulShader, 'combine', sizes, operands, { y4: output }, slice / 4, {
    activation,
    unused: bias ? undefined : ['bias'],
  });
}
