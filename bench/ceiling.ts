/**
 * Measures the adapter's ceiling, that is, its best possible rates: of arithmetic without memory, and of memory without
 * arithmetic.
 */
import { type Device, graph, type Op, plan } from 'neurite';
import { apply1, flatGrid, graphOf } from '../src/graph.ts';
import { Runs } from './runs.ts';
import copySource from './shaders/copy.wgsl?raw';
import multiplyAddSource from './shaders/multiplyAdd.wgsl?raw';

export interface Ceiling {
  /** Multiplications and additions count one each. */
  readonly gflops: number;
  /** Bytes read and bytes written count one each. */
  readonly gbps: number;
  /** The multiply-add kernel's rate by entry point; the best one is the ceiling. */
  readonly gflopsByKernel: Readonly<Record<string, number>>;
  /** The copy's rate by its size in MiB; the best one is the ceiling. */
  readonly gbpsBySize: Readonly<Record<number, number>>;
}

/** Unrolled in the shader. */
const MULTIPLY_ADDS_A_ROUND = 8;
const CHAINS: Readonly<Record<string, number>> = { chains1: 1, chains2: 2, chains4: 4, plain4: 4 };
const WORKGROUP = 64;

interface Arithmetic {
  readonly entryPoint: string;
  readonly invocations: number;
  readonly rounds: number;
}

const multiplyAdd: Op<Arithmetic> = {
  name: 'multiplyAdd',
  outputs: (_, { invocations }) => [{ shape: [invocations, 4] }],
  dispatches: ({ inputs: [seed], outputs: [y4], attributes: { entryPoint, invocations, rounds } }) => [
    {
      shader: { name: 'multiplyAdd', source: multiplyAddSource },
      entryPoint,
      constants: { INVOCATIONS: invocations, ROUNDS: rounds },
      reads: { seed: seed! },
      writes: { y4: y4! },
      workgroups: [invocations / WORKGROUP, 1, 1],
    },
  ],
};

const copy: Op<object> = {
  name: 'copy',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches: ({ inputs: [x4], outputs: [y4] }) => [
    {
      shader: { name: 'copy', source: copySource },
      entryPoint: 'copy',
      constants: { N: x4!.shape[0]! / 4 },
      reads: { x4: x4! },
      writes: { y4: y4! },
      workgroups: flatGrid(x4!.shape[0]! / 4, WORKGROUP),
    },
  ],
};

/** Measures both. A second or two on any device. */
export async function measureCeiling(device: Device, budgetMs: number): Promise<Ceiling> {
  // A software adapter has a few cores to fill, a GPU some ten thousand lanes.
  const [invocations, rounds] = device.isSoftware ? [2048, 512] : [1 << 19, 256];
  const gflopsByKernel: Record<string, number> = {};
  for (const [entryPoint, chains] of Object.entries(CHAINS)) {
    const flops = 2 * 4 * chains * MULTIPLY_ADDS_A_ROUND * invocations * rounds;
    const output = apply1(multiplyAdd, [graph().input('seed', [4])], { entryPoint, invocations, rounds });
    gflopsByKernel[entryPoint] = flops / (await fastest(device, output, budgetMs / 4)) / 1e6;
  }
  const gbpsBySize: Record<number, number> = {};
  // Copies that fit into a GPU's cache would not measure its memory.
  for (const mib of device.isSoftware ? [16, 64] : [64, 256]) {
    const output = apply1(copy, [graph().input('x', [mib * 2 ** 18])], {});
    gbpsBySize[mib] = (2 * mib * 2 ** 20) / (await fastest(device, output, budgetMs / 4)) / 1e6;
  }
  return {
    gflops: Math.max(...Object.values(gflopsByKernel)),
    gbps: Math.max(...Object.values(gbpsBySize)),
    gflopsByKernel,
    gbpsBySize,
  };
}

/** Milliseconds of the fastest sample, because a ceiling is the best that is possible. */
async function fastest(device: Device, output: ReturnType<typeof apply1>, budgetMs: number): Promise<number> {
  const runs = await Runs.create(device, plan(graphOf(output), [output], { target: device.target }), () => undefined);
  try {
    const { low } = await runs.time(await runs.run(), { budgetMs, onceAboveMs: 2000 });
    runs.checkErrors();
    return low;
  } finally {
    runs.destroy();
  }
}
