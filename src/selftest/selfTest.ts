import { ArgumentError, type Device, DeviceError, shown } from '../index.ts';
import { deviceFor } from '../nn/execute/devices.ts';
import { checkOptions, type Kind } from '../options.ts';
import type { Check, RunCheck } from './check.ts';
import { describeDevice } from './environment.ts';
import type { OpReport, SelfTestReport } from './report.ts';
import { allChecks } from './specs/index.ts';
import { Tally } from './tally.ts';
import { Variants } from './variants.ts';
import { VERSION } from './version.ts';

export interface SelfTestOptions {
  /** Names of the ops to test, as a report has them; of `conv2d` also `conv2d with bias and activation`. Default all. */
  readonly ops?: readonly string[];
  /** Called before the first and after each case. */
  readonly onProgress?: (progress: SelfTestProgress) => void;
  /** Aborting rejects `selfTest` with the signal's reason, after the cases under way. */
  readonly signal?: AbortSignal;
}

/** What they may be. */
const SELF_TEST_OPTIONS = { ops: 'any', onProgress: 'function', signal: 'signal' } as const satisfies Record<
  keyof SelfTestOptions,
  Kind
>;

export interface SelfTestProgress {
  /** The op under test. */
  readonly op: string;
  /** Cases done, of how many. */
  readonly done: number;
  readonly total: number;
  /** Runs that were wrong so far. */
  readonly failed: number;
}

/** Cases under way at a time: while one compiles or travels to the host, another computes. */
const AT_ONCE = 6;

/**
 * Runs every kernel of every op, forward and backward, on a device and compares with references in double precision,
 * then trains a small net. Most of its time goes into compiling some 2000 kernels: two to three minutes on two cores
 * without a GPU.
 * @param device of `requestDevice`, or a GPUDevice of one's own; absent: one is requested, and destroyed in the end
 * @returns what was found; of a device that was lost meanwhile, what was done until then, and that it was lost
 * @throws ArgumentError for an op or an option that does not exist, and for what is no device, list, function or signal
 * @throws DeviceError if there is no device, and for one that was lost or destroyed before
 */
export async function selfTest(device?: Device | GPUDevice, options: SelfTestOptions = {}): Promise<SelfTestReport> {
  checkOptions('selfTest', options, SELF_TEST_OPTIONS);
  const { ops, signal } = options;
  const checks = selected(ops);
  signal?.throwIfAborted();
  const used = await deviceFor('selfTest', device);
  used.pipelines.enter(); // what cases have in common is compiled once
  try {
    await expectAlive(used);
    return await new SelfTest(used, options).run(checks);
  } finally {
    used.pipelines.leave();
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

/** @throws DeviceError for a device that is of no use any more: there would be nothing to report */
async function expectAlive(device: Device): Promise<void> {
  // A GPU that is gone may not have said so yet. It has once it was asked for something.
  if (!device.destroyed) await device.ended(device.gpu.queue.onSubmittedWorkDone()).catch(() => {});
  if (!device.destroyed && device.lost === undefined) return;
  throw new DeviceError(
    `selfTest: the GPU device was ${device.destroyed ? 'destroyed' : `lost (${device.lost})`}. Pass another one, or none.`,
  );
}

class SelfTest {
  readonly #device: Device;
  readonly #options: SelfTestOptions;
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

  /** A case by the kernel that the engine chooses, then by the others. */
  async #check(check: Check, tally: Tally): Promise<void> {
    const { needs, title } = check;
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

/** Goes through a list, some at a time. @throws the first error, once none is under way any more */
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

/** The checks of each op, in the order of the first of them. */
function byOp(checks: readonly Check[]): Map<string, Check[]> {
  const ops = new Map<string, Check[]>();
  for (const check of checks) ops.set(check.op, [...(ops.get(check.op) ?? []), check]);
  return ops;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
