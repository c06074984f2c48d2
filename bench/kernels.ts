/** Measures the rate of each of the engine's kernels, compared with the adapter's ceiling. */
import { type Device, graph, plan, type Tensor } from 'neurite';
import type { OpNode } from '../src/graph.ts';
import { kernelsOf } from '../src/plan/kernels.ts';
import type { Ceiling } from './ceiling.ts';
import { type KernelCase, keyOf } from './kernelCases.ts';
import { formatMs, significant, type Timing } from './measure.ts';
import { type RunOptions, Runs } from './runs.ts';
import { bytesOf, flopsOf } from './work.ts';

export interface KernelReport {
  /** Which graph the node is from. */
  readonly source: string;
  readonly op: string;
  /** The value of the attribute `kernel`. Absent if the op has only one. */
  readonly kernel?: string;
  readonly shapes: string;
  /** Launches of the node. */
  readonly dispatches: number;
  readonly flops?: number;
  /** Inputs read once, outputs written once. */
  readonly bytes: number;
  readonly time?: Timing;
  readonly gflops?: number;
  readonly gbps?: number;
  /** The larger share of the ceiling, of arithmetic or of memory: 1 is as fast as the adapter can. */
  readonly share?: number;
  /** Why it was not timed: its results differ from the reference's, or it would take too long. */
  readonly wrong?: string;
  readonly leftOut?: string;
}

export interface KernelOptions extends RunOptions {
  /** A kernel that is likely to take longer, by its rate at smaller sizes, is left out. */
  readonly longestMs: number;
}

/**
 * The largest difference between two kernels' values, as a part of the largest value: sums of some 10^5 products in
 * float32, in another order, differ by some 10^-5. Kernels in half precision have 11 bits.
 */
const tolerance = (kernel: string | undefined) => (kernel?.includes('f16') ? 2e-2 : 1e-3);

/**
 * A rough fraction of the ceiling that plain kernels reach. Until one was timed, it serves to estimate whether one
 * would take too long.
 */
const PLAIN_SHARE = 1 / 60;

/** Measures each node by each kernel that can do it. Nodes that do the same work are measured once. */
export async function measureKernels(
  device: Device,
  cases: readonly KernelCase[],
  ceiling: Ceiling,
  options: KernelOptions,
  report: (line: string) => void,
): Promise<KernelReport[]> {
  const unique = [...new Map(cases.map((one) => [keyOf(one.node), one])).values()];
  // Small cases first: their rates show which large ones would take too long.
  const sorted = unique.sort((p, q) => (flopsOf(p.node) ?? 0) - (flopsOf(q.node) ?? 0));
  const rates = new Map<string, number>();
  const reports: KernelReport[] = [];
  for (const { source, node } of sorted) {
    const able = kernelsOf(node, device.target);
    let reference: Reference | undefined;
    // The plain kernel runs first, because the others must agree with it, unless it would take too long.
    const kernels =
      able.length > 0 ? [...able].sort((p, q) => Number(q === 'plain') - Number(p === 'plain')) : [undefined];
    for (const kernel of kernels) {
      const base = describe(source, node, kernel);
      const rate =
        rates.get(`${node.op.name}/${kernel}`) ?? (kernel === 'plain' ? PLAIN_SHARE * ceiling.gflops : undefined);
      const expected = base.flops && rate ? base.flops / rate / 1e6 : 0;
      const measured =
        expected > options.longestMs
          ? { leftOut: `would take ${formatMs(expected)}` }
          : await measureOne(device, node, kernel, ceiling, options, reference).catch(
              (error: Error): Measured => ({ wrong: error.message }), // of one kernel; the others are still worth measuring
            );
      device.checkAlive();
      const { values, ...result } = { values: undefined, ...measured };
      reference ??= values && { values, kernel };
      if ('gflops' in result && result.gflops) rates.set(`${node.op.name}/${kernel}`, result.gflops);
      const entry: KernelReport = { ...base, ...result };
      reports.push(entry);
      report(formatKernel(entry));
    }
  }
  return reports;
}

interface Reference {
  readonly values: Float32Array;
  readonly kernel: string | undefined;
}

type Measured = Partial<KernelReport> & { values?: Float32Array };

async function measureOne(
  device: Device,
  node: OpNode,
  kernel: string | undefined,
  ceiling: Ceiling,
  options: KernelOptions,
  reference: Reference | undefined,
): Promise<Measured> {
  const { planned, output } = isolated(node, kernel, device);
  const runs = await Runs.create(device, planned, ({ shape, dtype }) =>
    // A single integer is most often the number of real rows of the batch.
    dtype === 'u32' && shape.length === 1 && shape[0] === 1 ? (node.inputs[0]?.shape[0] ?? 1) : undefined,
  );
  try {
    const first = await runs.run();
    const values = output.dtype === 'f32' ? ((await runs.session.read(output)) as Float32Array) : undefined;
    runs.checkErrors();
    const dispatches = planned.dispatches.length;
    const wrong = values && reference && difference(values, reference, kernel);
    if (wrong) return { dispatches, wrong };
    const time = await runs.time(first, options);
    runs.checkErrors();
    const flops = flopsOf(node);
    const gflops = flops === undefined ? undefined : flops / time.median / 1e6;
    const gbps = bytesOf(node) / time.median / 1e6;
    const share = Math.max((gflops ?? 0) / ceiling.gflops, gbps / ceiling.gbps);
    return { dispatches, time, ...(gflops ? { gflops } : {}), gbps, share, ...(values ? { values } : {}) };
  } finally {
    runs.destroy();
  }
}

/** A graph with this node only, whose inputs the host writes, computed by this kernel. */
function isolated({ op, inputs, attributes }: OpNode, kernel: string | undefined, device: Device) {
  const g = graph();
  const mutated = new Set(op.mutates ?? []);
  const copies = inputs.map(({ shape, dtype }, i): Tensor => {
    const name = `input${i}`;
    return mutated.has(i) ? g.variable({ name, shape, dtype }) : g.input(name, shape, dtype);
  });
  // An input that the node reads twice stays one tensor, because WebGPU forbids reading and writing a buffer under two names.
  const given = inputs.map((input, i) => copies[inputs.indexOf(input)] ?? copies[i]!);
  const asked = kernel === undefined ? attributes : { ...(attributes as object), kernel };
  const outputs = g.apply(op, given, asked);
  const output = outputs[0] ?? given[[...mutated][0]!]!;
  return { planned: plan(g, [output, ...outputs.slice(1)], { target: device.target }), output };
}

function difference(values: Float32Array, reference: Reference, kernel: string | undefined): string | undefined {
  let [most, largest] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const off = Math.abs(values[i]! - reference.values[i]!);
    if (!(off <= most)) most = off; // a NaN too
    largest = Math.max(largest, Math.abs(reference.values[i]!));
  }
  const allowed = Math.max(tolerance(kernel), tolerance(reference.kernel));
  if (most <= allowed * largest) return undefined;
  return `differs from ${reference.kernel ?? 'the reference'} by ${most} where the largest value is ${largest}`;
}

function describe(source: string, node: OpNode, kernel: string | undefined) {
  const shapes = node.inputs
    .filter(({ role, shape }) => role !== 'input' || shape.length > 1)
    .map(({ shape }) => shape.join('x'));
  const flops = flopsOf(node);
  return {
    source,
    op: node.op.name,
    ...(kernel === undefined ? {} : { kernel }),
    shapes: shapes.join(' '),
    dispatches: 0,
    ...(flops === undefined ? {} : { flops }),
    bytes: bytesOf(node),
  };
}

/** One line. */
export function formatKernel({ op, kernel, shapes, time, gflops, gbps, share, wrong, leftOut }: KernelReport): string {
  const name = `${op}${kernel ? ` (${kernel})` : ''}`.padEnd(38);
  if (wrong) return `${name} ${shapes}  WRONG: ${wrong}`;
  if (leftOut || !time) return `${name} ${shapes}  left out: ${leftOut}`;
  const rate = gflops ? `${significant(gflops)} GFLOP/s` : '';
  const parts = [formatMs(time.median).padStart(10), rate.padStart(16), `${significant(gbps!)} GB/s`.padStart(14)];
  return `${name} ${parts.join('')} ${`${(100 * share!).toFixed(0)} %`.padStart(6)} of ceiling  ${shapes}`;
}
