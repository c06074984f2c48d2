/** Matrix product: its kernels, when each is chosen, and its gradient. */
import source from '../../shaders/matmul.wgsl?raw';
import workgroupSource from '../../shaders/matmulWorkgroup.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { ANY_GPU, apply1, type Dispatch, expectDType, flatGrid, type Op, type Target } from '../graph.ts';
import { checkOneOf, checkOptions, type Kind } from '../options.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { type Activation, activated, vec4s, WORKGROUP } from './elementwise.ts';
import { chooseTile, type GemmTile, LARGE, MEDIUM, splitSum, tileConstants, tileCount } from './gemm.ts';

/** The kernels without shared memory, and the second pass of those with shared memory. */
export const matmulShader = { name: 'matmul', source };
const workgroupShader = { name: 'matmulWorkgroup', source: workgroupSource };

/**
 * `plain` is the reference. `tiled` holds 4 x 4 results in registers, without barriers. The workgroups of the others
 * share tiles of 64 x 64 and of 128 x 128 results.
 */
const KERNELS = ['plain', 'tiled', 'workgroup64', 'workgroup128'] as const;
export type MatmulKernel = (typeof KERNELS)[number];

const TILES: Partial<Record<MatmulKernel, GemmTile>> = { workgroup64: MEDIUM, workgroup128: LARGE };

export interface MatmulOptions {
  /** a is `[k, m]` instead of `[m, k]`. Default false. */
  readonly transposeA?: boolean;
  /** b is `[n, k]` instead of `[k, n]`. Default false. */
  readonly transposeB?: boolean;
  /** Asks for a kernel, for tests and benchmarks; `plain` is the reference. Default: chosen by the device. */
  readonly kernel?: MatmulKernel | undefined;
}

const OPTIONS = { transposeA: 'boolean', transposeB: 'boolean', kernel: 'any' } as const satisfies Record<
  keyof MatmulOptions,
  Kind
>;

export interface MatmulAttributes extends Required<Omit<MatmulOptions, 'kernel'>> {
  readonly kernel: MatmulKernel | undefined;
  /** Fusion sets it: y is this function of the product (plus the bias, the third input). Not with the kernel `plain`. */
  readonly activation?: Activation | undefined;
}

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** With fewer tiles than this, k is split too, to keep a device busy. */
const ENOUGH_INVOCATIONS = 2048;
/** Least length of a part of k. Shorter parts would cost more in the second pass than they gain. */
const SHORTEST_PART = 64;
/** With this number of rows or columns or fewer, most of a workgroup's tile would be empty. */
const THIN = 32;
/** From this number of multiply-adds on, sharing tiles gains more than its barriers cost. */
const MANY_PRODUCTS = 2 ** 21;

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

/** Number of parts that k is split into: 1 if the tiles alone keep a device busy, or if k is short. */
export function matmulSplits(s: Sizes): number {
  const wanted = Math.ceil(ENOUGH_INVOCATIONS / tiles(s));
  return Math.max(1, Math.min(wanted, Math.floor(s.k / SHORTEST_PART)));
}

/** How a kernel splits k: the number of parts, and for the workgroup kernels the length of each. */
function splitting(s: Sizes, kernel: MatmulKernel | undefined): { readonly parts: number; readonly length: number } {
  const tile = kernel && TILES[kernel];
  if (tile) return splitSum(tile, tileCount(tile, s.m, s.n), s.k);
  return { parts: kernel === 'plain' ? 1 : matmulSplits(s), length: s.k };
}

/** The kernels that can compute a product, the probably fastest first. */
export function matmulKernels(s: Sizes, { software }: Target = ANY_GPU): readonly MatmulKernel[] {
  const few: MatmulKernel[] = ['tiled', 'plain'];
  if (software || Math.min(s.m, s.n) <= THIN || s.m * s.k * s.n < MANY_PRODUCTS) {
    return [...few, 'workgroup64', 'workgroup128'];
  }
  const large = chooseTile(s.m, s.n) === LARGE;
  return [...(large ? (['workgroup128', 'workgroup64'] as const) : (['workgroup64', 'workgroup128'] as const)), ...few];
}

/** Inputs `a, b`, and perhaps the bias `[n]`. */
export const matmulOp: Op<MatmulAttributes> = {
  name: 'matmul',
  outputs: ([a, b], attributes) => {
    const { m, n } = sizes(a!, b!, attributes);
    return [{ shape: [m, n] }];
  },
  kernels: ([a, b, bias], attributes, target) => {
    const able = matmulKernels(sizes(a!, b!, attributes), target);
    return able.filter((kernel) => kernel !== 'plain' || !(bias || attributes.activation));
  },
  scratch: ([a, b], attributes) => {
    const s = sizes(a!, b!, attributes);
    const { parts } = splitting(s, attributes.kernel);
    return parts === 1 ? [] : [{ shape: [parts, Math.ceil((s.m * s.n) / 4) * 4], name: 'partial' }];
  },
  dispatches: ({ inputs: [a, b, bias], outputs: [y], scratch: [partial], attributes }) => {
    const s = sizes(a!, b!, attributes);
    const { parts, length } = splitting(s, attributes.kernel);
    const constants = {
      M: s.m,
      K: s.k,
      N: s.n,
      TRANSPOSE_A: Number(attributes.transposeA),
      TRANSPOSE_B: Number(attributes.transposeB),
      SPLITS: parts,
      SLICE: vec4s(y!) * 4,
      BIAS: Number(bias !== undefined),
    };
    const launch = (
      entryPoint: string,
      reads: Record<string, Tensor>,
      writes: Record<string, Tensor>,
      count: number,
      activation?: Activation,
    ): Dispatch => ({
      ...activated(matmulShader, constants, activation),
      entryPoint,
      reads,
      unused: bias ? undefined : ['bias'],
      writes,
      workgroups: flatGrid(count, WORKGROUP),
    });
    const epilogue = { bias: bias ?? b! };
    const operands = { a: a!, b: b!, ...epilogue };
    const { activation } = attributes;
    const product = (): Dispatch => {
      if (attributes.kernel === 'plain') return launch('plain', { a: a!, b: b! }, { y: y! }, s.m * s.n);
      const tile = attributes.kernel && TILES[attributes.kernel];
      const result = partial ?? y!;
      const next = partial ? undefined : activation;
      if (!tile) return launch('tiled', operands, { y: result }, tiles(s) * parts, next);
      const whole = s.n % 4 === 0;
      return {
        ...activated(workgroupShader, { ...constants, ...tileConstants(tile), LENGTH: length }, next),
        entryPoint: whole ? 'tile4' : 'tile',
        reads: { a4: a!, b4: b!, bias4: bias ?? b! },
        unused: bias ? undefined : ['bias4'],
        writes: { [whole ? 'y4' : 'y']: result },
        workgroups: flatGrid(tileCount(tile, s.m, s.n) * parts, 1),
      };
    };
    if (!partial) return [product()];
    return [product(), launch('combine', { partial4: partial, ...epilogue }, { y4: y! }, vec4s(y!), activation)];
  },
  // With A = op(a): dA = dY B^T and dB = A^T dY. If a is stored transposed, its gradient is dA^T = B dY^T.
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
 * Matrix product, `[m, k]` times `[k, n]` to `[m, n]`. The options transpose either operand.
 * @throws ShapeError if an operand does not have two axes or is not f32, or the inner sizes differ
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, kernel } = checkOptions('matmul', options, OPTIONS);
  if (kernel !== undefined) checkOneOf('matmul', 'kernel', kernel, KERNELS);
  return apply1(matmulOp, [a, b], { transposeA, transposeB, kernel });
}
