import source from '../../shaders/matmul.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, type Dispatch, expectDType, flatGrid, type Op } from '../graph.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

const shader = { name: 'matmul', source };

/** `plain` is the reference; `tiled` holds 4 x 4 results in registers. */
export type MatmulKernel = 'plain' | 'tiled';

export interface MatmulOptions {
  /** a is `[k, m]` instead of `[m, k]`. Default false. */
  readonly transposeA?: boolean;
  /** b is `[n, k]` instead of `[k, n]`. Default false. */
  readonly transposeB?: boolean;
  /** `plain` forces the kernel that is the reference for the fast one, for tests and benchmarks. Default: chosen by the device. */
  readonly kernel?: MatmulKernel | undefined;
}

export interface MatmulAttributes extends Required<Omit<MatmulOptions, 'kernel'>> {
  readonly kernel: MatmulKernel | undefined;
  /** y is the product plus a bias, the third input, and then its relu: what fusion makes. Not with the `plain` kernel. */
  readonly relu?: boolean;
}

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** With fewer tiles than this, k is split too, so that a device has enough to do at once. */
const ENOUGH_INVOCATIONS = 2048;
/** A part of k shorter than this is not worth its share of the second pass. */
const SHORTEST_PART = 64;

function sizes(a: Tensor, b: Tensor, { transposeA, transposeB }: MatmulAttributes): Sizes {
  expectDType('matmul', a, 'f32');
  expectDType('matmul', b, 'f32');
  const fail = (rule: string) => {
    const shown = (t: Tensor, transposed: boolean) => `${formatShape(t.shape)}${transposed ? ' transposed' : ''}`;
    return new ShapeError(`matmul: ${shown(a, transposeA)} times ${shown(b, transposeB)}: ${rule}.`);
  };
  if (a.shape.length !== 2 || b.shape.length !== 2) throw fail('both must have two axes');
  const [m, k] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [inner, n] = transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (k !== inner) throw fail(`the inner sizes ${k} and ${inner} differ`);
  return { m, k, n };
}

/** Number of 4 x 4 tiles of y. */
function tiles({ m, n }: Sizes): number {
  return Math.ceil(m / 4) * Math.ceil(n / 4);
}

/** Parts that k is split into: 1 where the tiles alone keep a device busy, or k is short. */
export function matmulSplits(s: Sizes): number {
  const wanted = Math.ceil(ENOUGH_INVOCATIONS / tiles(s));
  return Math.max(1, Math.min(wanted, Math.floor(s.k / SHORTEST_PART)));
}

/** Inputs `a, b`, and perhaps the bias `[n]`. */
export const matmulOp: Op<MatmulAttributes> = {
  name: 'matmul',
  outputs: ([a, b], attributes) => {
    const { m, n } = sizes(a!, b!, attributes);
    return [{ shape: [m, n] }];
  },
  kernels: (inputs, { relu }) => (inputs.length > 2 || relu ? ['tiled'] : ['tiled', 'plain']),
  scratch: ([a, b], attributes) => {
    const s = sizes(a!, b!, attributes);
    const splits = matmulSplits(s);
    if (attributes.kernel === 'plain' || splits === 1) return [];
    return [{ shape: [splits, Math.ceil((s.m * s.n) / 4) * 4], name: 'partial' }];
  },
  dispatches: ({ inputs: [a, b, bias], outputs: [y], scratch: [partial], attributes }) => {
    const s = sizes(a!, b!, attributes);
    const splits = partial ? partial.shape[0]! : 1;
    const launch = (
      entryPoint: string,
      reads: Record<string, Tensor>,
      writes: Record<string, Tensor>,
      count: number,
    ): Dispatch => ({
      shader,
      entryPoint,
      constants: {
        M: s.m,
        K: s.k,
        N: s.n,
        TRANSPOSE_A: Number(attributes.transposeA),
        TRANSPOSE_B: Number(attributes.transposeB),
        SPLITS: splits,
        SLICE: vec4s(y!) * 4,
        BIAS: Number(bias !== undefined),
        RELU: Number(attributes.relu ?? false),
      },
      reads,
      writes,
      workgroups: flatGrid(count, WORKGROUP),
    });
    const epilogue = { bias: bias ?? b! };
    const operands = { a: a!, b: b!, ...epilogue };
    if (attributes.kernel === 'plain') return [launch('plain', { a: a!, b: b! }, { y: y! }, s.m * s.n)];
    if (!partial) return [launch('tiled', operands, { y: y! }, tiles(s))];
    return [
      launch('tiled', operands, { y: partial }, tiles(s) * splits),
      launch('combine', { partial4: partial, ...epilogue }, { y4: y! }, vec4s(y!)),
    ];
  },
  // With A = op(a): dA = dY B^T and dB = A^T dY; a stored transposed wants the transpose, dA^T = B dY^T.
  backward: ({ inputs: [a, b], attributes: { transposeA: tA, transposeB: tB, kernel } }, [dy]) => [
    tA
      ? matmul(b!, dy!, { transposeA: tB, transposeB: true, kernel })
      : matmul(dy!, b!, { transposeA: false, transposeB: !tB, kernel }),
    tB
      ? matmul(dy!, a!, { transposeA: true, transposeB: tA, kernel })
      : matmul(a!, dy!, { transposeA: !tA, transposeB: false, kernel }),
  ],
};

/**
 * Matrix product, `[m, k]` times `[k, n]` to `[m, n]`, of either operand's transpose if asked.
 * @throws ShapeError where an operand does not have two axes or is not f32, or the inner sizes differ
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, kernel }: MatmulOptions = {},
): Tensor {
  return apply1(matmulOp, [a, b], { transposeA, transposeB, kernel });
}
