/**
 * Benchmarks the engine alone, on any device, in a page or under Node: its steps and predictions, its kernels compared
 * with the adapter's ceiling, and how its time grows with the batch size.
 */
import type { Device } from 'neurite';
import type { PresetName } from 'neurite/brain';
import { type Ceiling, measureCeiling } from './ceiling.ts';
import { type ConvShape, convCases, type KernelCase, matmulCases, stepCases } from './kernelCases.ts';
import { type KernelReport, measureKernels } from './kernels.ts';
import { formatTiming, significant } from './measure.ts';
import { benchModel, measureSteps, type StepReport } from './steps.ts';

export type EnginePart = 'steps' | 'kernels' | 'scaling';

export interface EngineOptions {
  /** Batch 32, few kernels, short samples: within a minute on two CPU cores. */
  readonly quick: boolean;
  /** Default all. */
  readonly parts?: readonly EnginePart[];
  /** Batch sizes of the steps. Default 4, 32, 128; quick: 32. */
  readonly batches?: readonly number[];
  /** Default the course's two networks. */
  readonly models?: readonly PresetName[];
}

export interface ScalingReport {
  readonly model: string;
  readonly rows: readonly { readonly batch: number; readonly stepMs: number; readonly imageMs: number }[];
  /** The largest deviation of the time an image from its median over the batch sizes: 0 is exactly linear. */
  readonly deviation: number;
}

export interface EngineReport {
  readonly adapter: { readonly description: string; readonly software: boolean; readonly features: readonly string[] };
  /** Date of the measurement, in ISO 8601. */
  readonly date: string;
  readonly ceiling?: Ceiling;
  readonly steps: readonly StepReport[];
  readonly kernels: readonly KernelReport[];
  readonly scaling: readonly ScalingReport[];
}

const SCALING_BATCHES = [8, 16, 32, 64, 128];
const KERNEL_BATCH = 32;

/** `[n, h, w, c]`, `[kh, kw, c, k]`; the first is for software adapters too. */
const CONVOLUTIONS: readonly ConvShape[] = [
  { x: [8, 32, 32, 32], w: [3, 3, 32, 64] },
  { x: [32, 64, 64, 32], w: [3, 3, 32, 64] },
  { x: [32, 28, 28, 128], w: [3, 3, 128, 128] },
  { x: [32, 56, 56, 64], w: [3, 3, 64, 64] },
];

/** Measures, and reports line by line. @throws the engine's errors */
export async function runEngineBench(
  device: Device,
  options: EngineOptions,
  report: (line: string) => void,
): Promise<EngineReport> {
  const { quick, parts = ['steps', 'kernels', 'scaling'], models = ['baseline', 'second'] } = options;
  const budgetMs = quick ? 500 : device.isSoftware ? 3000 : 1500;
  report(`adapter: ${device.description}`);
  const steps: StepReport[] = [];
  const batches = parts.includes('steps') ? (options.batches ?? (quick ? [32] : [4, 32, 128])) : [];
  for (const batch of batches) {
    for (const model of models) {
      const step = await measureSteps(device, model, batch, { budgetMs, quick });
      steps.push(step);
      for (const line of formatStep(step)) report(line);
    }
  }
  const scaling = parts.includes('scaling') && !quick ? await measureScaling(device, models, budgetMs, report) : [];
  const kernels = parts.includes('kernels') ? await kernelRates(device, models, quick, report) : undefined;
  return {
    adapter: {
      description: device.description,
      software: device.isSoftware,
      features: [...device.gpu.features].sort(),
    },
    date: new Date().toISOString(),
    ...(kernels ? { ceiling: kernels.ceiling } : {}),
    steps,
    kernels: kernels?.kernels ?? [],
    scaling,
  };
}

async function kernelRates(
  device: Device,
  models: readonly PresetName[],
  quick: boolean,
  report: (line: string) => void,
): Promise<{ ceiling: Ceiling; kernels: KernelReport[] }> {
  const ceiling = await measureCeiling(device, quick ? 800 : 3000);
  report(`ceiling: ${significant(ceiling.gflops)} GFLOP/s multiply-add, ${significant(ceiling.gbps)} GB/s copy`);
  const cases: KernelCase[] = [];
  for (const name of quick ? models.slice(0, 1) : models) {
    const { model } = await benchModel(device, name);
    cases.push(...stepCases(`${name}, batch ${KERNEL_BATCH}`, model, KERNEL_BATCH, device.target));
    model.dispose();
  }
  cases.push(...matmulCases(quick ? [256] : [256, 512, 1024, 2048], device.target));
  cases.push(...convCases(quick ? [] : CONVOLUTIONS, device.target));
  const budget = quick
    ? { budgetMs: 60, onceAboveMs: 200, longestMs: 1000 }
    : { budgetMs: 300, onceAboveMs: 1500, longestMs: device.isSoftware ? 4000 : 1000 };
  return { ceiling, kernels: await measureKernels(device, cases, ceiling, budget, report) };
}

async function measureScaling(
  device: Device,
  models: readonly PresetName[],
  budgetMs: number,
  report: (line: string) => void,
): Promise<ScalingReport[]> {
  const reports: ScalingReport[] = [];
  for (const model of models) {
    const rows: { batch: number; stepMs: number; imageMs: number }[] = [];
    for (const batch of SCALING_BATCHES) {
      const { fit, wrong } = await measureSteps(device, model, batch, { budgetMs, fitOnly: true });
      if (!fit) throw new Error(`bench: ${model} at batch ${batch} is WRONG: ${wrong}`);
      rows.push({ batch, stepMs: fit.median, imageMs: fit.median / batch });
      report(
        `${model}, batch ${batch}: ${significant(fit.median)} ms a step, ${significant(fit.median / batch)} ms an image`,
      );
    }
    const sorted = rows.map(({ imageMs }) => imageMs).sort((p, q) => p - q);
    const middle = sorted[Math.floor(sorted.length / 2)]!;
    const deviation = Math.max(...sorted.map((imageMs) => Math.abs(imageMs / middle - 1)));
    report(`${model}: at most ${(100 * deviation).toFixed(0)} % from linear`);
    reports.push({ model, rows, deviation });
  }
  return reports;
}

function formatStep(step: StepReport): string[] {
  const { model, batch, plan, wrong, fit, trainOnBatch, predict, predictMany } = step;
  const head = `${model}, batch ${batch}`;
  if (wrong) return [`${head}: WRONG, not timed: ${wrong}`];
  const line = (what: string, time: typeof fit) => (time ? [`${head}, ${what}: ${formatTiming(time)}`] : []);
  return [
    `${head}: ${plan.dispatches} dispatches, ${(plan.peakBytes / 2 ** 20).toFixed(1)} MiB`,
    ...line('step in fit', fit),
    ...line('trainOnBatch, awaited', trainOnBatch),
    ...line('predict', predict),
    ...line('predict in flight', predictMany),
  ];
}
