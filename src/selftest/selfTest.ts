/** The self-test: runs the checks of all ops on a device, with every kernel, and collects a report. */
import { ArgumentError, type Device, DeviceError } from '../index.ts';
import { deviceFor } from '../nn/execute/devices.ts';
import { checkOptions, type Kind } from '../options.ts';
import { shown } from '../shown.ts';
import type { Check, RunCheck } from './check.ts';
import { describeDevice } from './environment.ts';
import type { OpReport, SelfTestReport } from './report.ts';
import { allChecks } from './specs/index.ts';
import { Tally } from './tally.ts';
import { Variants } from './variants.ts';
import { VERSION } from './version.ts';

export interface SelfTestOptions {
  /** Names of the ops to test, as in a report. `conv2d` includes `conv2d with bias and activation`. Default: all. */
  readonly ops?: readonly string[];
  /** Called before the first case and after each case. */
  readonly onProgress?: (progress: SelfTestProgress) => void;
  /** When it aborts, `selfTest` rejects with its reason, after the cases under way have ended. */
  readonly signal?: AbortSignal;
}

/** The kind of value that each option takes. */
const SELF_TEST_OPTIONS = { ops: 'any', onProgress: 'function', signal: 'signal' } as const satisfies Record<
  keyof SelfTestOptions,
  Kind
>;

export interface SelfTestProgress {
  /** The op under test. */
  readonly op: string;
  /** Number of cases done. */
  readonly done: number;
  /** Number of all cases. */
  readonly total: number;
  /** Number of wrong runs so far. */
  readonly failed: number;
}

/** Number of cases under way at a time: while one compiles or is read back, another computes. */
const AT_ONCE = 6;

/**
 * Runs every kernel of every op, forward and backward, on a device and compares with references in double precision,
 * then trains a small net. Most of its time goes into compiling some 2000 kernels: two to three minutes on two cores
 * without a GPU.
 * @param device a device from `requestDevice`, or a GPUDevice. Absent: a device is requested, and destroyed in the end.
 * @returns the report. If the device is lost meanwhile, it contains the results until then, and the reason of the loss.
 * @throws ArgumentError for an op or an option that does not exist, and for a value of a wrong type
 * @throws DeviceError if there is no device, or if it was lost or destroyed before
 */
export async function selfTest(device?: Device | GPUDevice, options: SelfTestOptions = {}): Promise<SelfTestReport> {
  checkOptions('selfTest', options, SELF_TEST_OPTIONS);
  const { ops, signal } = options;
  const checks = selected(ops);
  signal?.throwIfAborted();
  const used = await deviceFor('selfTest', device);
  used.pipelines.retainUnused(); // keeps kernels, so that those which cases share are compiled once
  try {
    await expectAlive(used);
    return await new SelfTest(used, options).run(checks);
  } finally {
    used.pipelines.releaseUnused();
    if (device === undefined) used.destroy();
  }
}

function selected(ops: SelfTestOptions['ops']): Check[] {
  const checks = allChecks();
  if (ops === undefined) return checks;
  if (!Array.isArray(ops) || ops.length === 0 || !ops.every((name) => typeof name === 'string')) {
    throw new ArgumentError(`selfTest: ops must be a list of at least one name, such as ['relu'], got ${shown(ops)}.`);
  }
  const belongs = ({ op }: Check, name: string) => op === name || (op.startsWith(name) && /\W/.test(op[name.length]!));
  const unknown = ops.find((name) => !checks.some((check) => belongs(check, name)));
  if (unknown !== undefined) {
    const known = new Set(checks.map(({ op }) => /^\w+/.exec(op)![0]));
    throw new ArgumentError(`selfTest: there is no op ${shown(unknown)}; there are ${[...known].sort().join(', ')}.`);
  }
  return checks.filter((check) => ops.some((name) => belongs(check, name)));
}

/** @throws DeviceError if the device was lost or destroyed: there would be nothing to report */
async function expectAlive(device: Device): Promise<void> {
  // A loss may not have been reported yet. Waiting for the queue makes the browser report it.
  if (!device.destroyed) await device.ended(device.gpu.queue.onSubmittedWorkDone()).catch(() => {});
  if (!device.destroyed && device.lost === undefined) return;
  throw new DeviceError(
    `selfTest: the GPU device was ${device.destroyed ? 'destroyed' : `lost (${device.lost})`}. Pass another one, or none.`,
  );
}

class SelfTest {
  readonly #device: Device;
  readonly #options: SelfTestOptions;
  /** What kernels were run for, of ops that share theirs. */
  readonly #seen = new Set<string>();
  #done = 0;
  #failed = 0;

  constructor(device: Device, options: SelfTestOptions) {
    this.#device = device;
    this.#options = options;
  }

  async run(checks: readonly Check[]): Promise<SelfTestReport> {
    const device = this.#device;
    const began = performance.now();
    const { compiled } = device.pipelines;
    const reported = device.errors.length;
    const ops: OpReport[] = [];
    let ended: string | undefined;
    for (const [op, list] of byOp(checks)) {
      const report = await this.#op(op, list, checks.length);
      if (!this.#isLost || report.runs > 0) ops.push(report);
      if (this.#isLost) {
        ended = `the GPU device was lost (${device.lost}) while ${op} was tested.`;
        break;
      }
    }
    const runs = ops.reduce((sum, op) => sum + op.runs, 0);
    return {
      version: VERSION,
      date: new Date().toISOString(),
      ...describeDevice(device),
      ops,
      passed: runs - this.#failed,
      failed: this.#failed,
      pipelines: device.pipelines.compiled - compiled,
      milliseconds: performance.now() - began,
      errors: device.errors.slice(reported),
      ...(ended === undefined ? {} : { ended }),
    };
  }

  async #op(op: string, checks: readonly Check[], total: number): Promise<OpReport> {
    const began = performance.now();
    const titles = checks.map(({ title }) => title);
    const tally = new Tally(op, titles);
    this.#progress(op, total);
    await inTurns(checks, AT_ONCE, async (check) => {
      this.#options.signal?.throwIfAborted();
      if (this.#isLost) return;
      await this.#check(check, tally);
      this.#done++;
      this.#progress(op, total);
    });
    return tally.report(performance.now() - began);
  }

  /** Runs a case with the kernel that the engine chooses, then with the others. */
  async #check(check: Check, tally: Tally): Promise<void> {
    const { needs, title, sharesKernels } = check;
    if (needs !== undefined && !this.#device.gpu.features.has(needs)) {
      tally.skip(title, `the device has no ${needs}`);
      return;
    }
    const run = check.prepare();
    const variants = new Variants();
    await this.#run(title, run, variants, undefined, tally);
    for (const kernel of variants.others) {
      this.#options.signal?.throwIfAborted();
      if (this.#isLost) return;
      const uses = variants.usesOf(kernel).map((use) => `${check.op}: ${use}`);
      if (sharesKernels && uses.every((use) => this.#seen.has(use))) continue;
      for (const use of uses) this.#seen.add(use);
      await this.#run(title, run, variants, kernel, tally);
    }
    tally.kernels(variants.all);
  }

  async #run(
    title: string,
    run: RunCheck,
    variants: Variants,
    kernel: string | undefined,
    tally: Tally,
  ): Promise<void> {
    const where = { case: title, ...(kernel === undefined ? {} : { kernel }) };
    try {
      const comparisons = await run(this.#device, variants.choose(kernel));
      if (!tally.compare(where, comparisons)) this.#failed++;
    } catch (error) {
      if (this.#isLost) return;
      this.#failed++;
      tally.fail({ ...where, message: messageOf(error) });
    }
  }

  get #isLost(): boolean {
    return this.#device.lost !== undefined;
  }

  #progress(op: string, total: number): void {
    this.#options.onProgress?.({ op, done: this.#done, total, failed: this.#failed });
  }
}

/** Processes a list, a few items at a time. @throws the first error, after all items under way have ended */
async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const errors: unknown[] = [];
  const turn = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      await work(item).catch((error) => {
        errors.push(error);
        rest.length = 0;
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
  if (errors.length > 0) throw errors[0];
}

/** Groups checks by op, in the order of each op's first check. */
function byOp(checks: readonly Check[]): Map<string, Check[]> {
  const ops = new Map<string, Check[]>();
  for (const check of checks) ops.set(check.op, [...(ops.get(check.op) ?? []), check]);
  return ops;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
