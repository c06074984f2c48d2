/**
 * Times the candidate kernels of a trial on a device and names the fastest. Candidates run alternately, in rounds; slow
 * ones drop out early, so that measuring costs little more than compiling.
 */
import { DeviceError } from '../errors.ts';
import type { DType } from '../tensor.ts';
import type { Device } from './device.ts';
import { Session } from './session.ts';
import { GROWTH, Stopwatch, type Timed } from './stopwatch.ts';
import { Arena, VariableStore } from './storage.ts';
import type { Candidate, Trial } from './trial.ts';

/** The result for one candidate kernel. */
export interface CandidateTime {
  readonly kernel: string;
  /** Time of one run, the quickest of all. Absent if the kernel failed. */
  readonly microseconds?: number;
  /** Why the kernel could not be run. */
  readonly failure?: string;
}

/** The result of measuring the candidate kernels for a node. */
export interface Measurement {
  /** The node's name. */
  readonly name: string;
  /** Op, shapes, and a hash of all that the candidates run. */
  readonly key: string;
  readonly candidates: readonly CandidateTime[];
  /** The kernel to use. Absent if none could be run, or if the times remained too short to compare. */
  readonly chosen?: string;
  /** Duration of the measurement, compilation included. */
  readonly milliseconds: number;
}

/**
 * Each round times each candidate twice. The quickest run counts, because other work on the machine only makes a run
 * slower.
 */
const ROUNDS = 5;
/** A candidate that is this many times slower than the best after the first round drops out. */
const FIRST_ROUND_DROP_FACTOR = 3;
/** The same after later rounds, where short disturbances matter less. */
const DROP_FACTOR = 1.3;
/** In microseconds. A hopeless candidate whose run is longer than this is not timed again: disturbances are shorter. */
const SLOW_RUN_US = 30_000;
/**
 * Another candidate replaces the first of the list only if its time is below this fraction, so that noise decides
 * nothing.
 */
const REPLACE_BELOW = 0.95;
/** Most repeats in one pass. */
const MOST_REPEATS = 1000;
/**
 * In microseconds: a run need not take longer. Of longer ones, a share of the workgroups is timed: it shows as much,
 * and the page can draw in between.
 */
const LONG_ENOUGH = 10_000;
/** Number of workgroups that keeps all cores of a device busy and evens out the times of single workgroups. */
const ENOUGH_GROUPS = { software: 64, gpu: 4096 };

/** A candidate that is being timed. */
interface TimedCandidate extends Timed {
  readonly session: Session;
  readonly kernel: string;
  /** Microseconds of the latest run. */
  latest: number;
  /** Microseconds of the quickest run that took long enough to be trusted. */
  best: number;
  /** Repeats of the latest run. */
  repeats: number;
}

/**
 * Times the candidates alternately, on data of the node's shapes. All memory is freed before it returns.
 * @param deadline on the clock of `performance.now()`. After it, only what is needed for a first result is done.
 * @throws DeviceError if the device was lost
 */
export async function measure(device: Device, trial: Trial, deadline: number): Promise<Measurement> {
  const begin = performance.now();
  const variables = new VariableStore(device);
  const arena = new Arena(device);
  const watch = new Stopwatch(device);
  const times = new Map<string, CandidateTime>(trial.candidates.map(({ kernel }) => [kernel, { kernel }]));
  const rivals: TimedCandidate[] = [];
  let chosen: string | undefined;
  try {
    await checked(device, () => fill(device, trial, variables));
    await Promise.all(
      trial.candidates.map(async (candidate) => {
        const { kernel } = candidate;
        try {
          const session = await prepare(device, candidate, variables, arena);
          rivals.push({ kernel, session, latest: 0, best: Infinity, repeats: 1 });
        } catch (error) {
          await settleLoss(device);
          times.set(kernel, { kernel, failure: (error as Error).message });
        }
      }),
    );
    const order = trial.candidates.map(({ kernel }) => kernel);
    rivals.sort((p, q) => order.indexOf(p.kernel) - order.indexOf(q.kernel)); // they finished compiling in any order
    const decided = await race(
      rivals,
      watch,
      smallestShare(trial, ENOUGH_GROUPS[device.isSoftware ? 'software' : 'gpu']),
      deadline,
    );
    if (decided) chosen = winner(rivals);
    for (const { kernel, best } of rivals) {
      if (best < Infinity) times.set(kernel, { kernel, microseconds: best });
    }
  } catch (error) {
    await settleLoss(device);
    for (const [kernel, time] of times) times.set(kernel, { failure: (error as Error).message, ...time });
  } finally {
    for (const { session, kernel } of rivals) session.destroy(kernel !== chosen);
    watch.destroy();
    arena.destroy();
    variables.destroy();
  }
  return {
    name: trial.name,
    key: trial.key,
    candidates: [...times.values()],
    ...(chosen === undefined ? {} : { chosen }),
    milliseconds: performance.now() - begin,
  };
}

/**
 * Times the rivals in turn, until one is clearly the fastest.
 * @param smallest least share of the workgroups whose times can be compared
 * @returns whether every rival was timed
 */
async function race(rivals: TimedCandidate[], watch: Stopwatch, smallest: number, deadline: number): Promise<boolean> {
  const timed = () => rivals.every(({ best }) => best < Infinity);
  if (rivals.length < 2) return rivals.length > 0;
  const first = await watch.time([...rivals, ...rivals], smallest); // once to touch fresh memory and fill caches
  rivals.forEach((rival, i) => {
    // The quicker of two runs: something else may have delayed one of them.
    rival.latest = Math.max(1, Math.min(first[i]!, first[rivals.length + i]!)) / smallest;
  });
  const quickest = Math.min(...rivals.map(({ latest }) => latest));
  for (const rival of rivals) {
    if (rival.latest > FIRST_ROUND_DROP_FACTOR * quickest && rival.latest * smallest > SLOW_RUN_US)
      rival.best = rival.latest;
  }
  let live = rivals.filter(({ best }) => best === Infinity);
  const share = Math.min(1, smallest * GROWTH, Math.max(smallest, LONG_ENOUGH / quickest));
  // Even after the deadline, every rival gets a first result: compiling has cost the most, and a slow machine would
  // never get one.
  for (let round = 0; round < ROUNDS && !(timed() && performance.now() > deadline); round++) {
    for (const rival of live) {
      const wanted = Math.ceil(watch.least / (rival.latest * share));
      rival.repeats = Math.max(1, Math.min(wanted, rival.repeats * GROWTH, MOST_REPEATS));
    }
    const twice = [...live, ...live];
    const times = await watch.time(twice, share);
    twice.forEach((rival, i) => {
      const time = times[i]!;
      rival.latest = Math.max(1, time) / rival.repeats / share;
      if (time > watch.least / 2) rival.best = Math.min(rival.best, rival.latest);
    });
    const best = Math.min(...rivals.map((rival) => rival.best));
    live = live.filter(
      (rival) => rival.best <= (round === 0 ? FIRST_ROUND_DROP_FACTOR : DROP_FACTOR) * best || rival.best === Infinity,
    );
    if (live.length < 2 && best < Infinity) break;
  }
  return timed();
}

function winner(rivals: readonly TimedCandidate[]): string | undefined {
  const [first] = rivals;
  const best = [...rivals].sort((p, q) => p.best - q.best)[0];
  return first && best && best.best < REPLACE_BELOW * first.best ? best.kernel : first?.kernel;
}

/** The least share of the workgroups that still leaves `enough` of them in each candidate's largest dispatch. */
function smallestShare({ candidates }: Trial, enough: number): number {
  const shares = candidates.map(({ plan }) => {
    const groups = plan.dispatches.map(({ workgroups: [x, y, z] }) => x * y * z);
    return enough / Math.max(...groups);
  });
  return Math.min(1, Math.max(...shares));
}

/**
 * Checks that there is memory for a candidate, then compiles it. The candidates of a trial share their memory: its size
 * is that of the largest, not the sum.
 */
async function prepare(device: Device, { plan }: Candidate, variables: VariableStore, arena: Arena): Promise<Session> {
  let memory: GPUBuffer[] = [];
  try {
    await checked(device, () => {
      memory = arena.take(plan.slots);
    });
    let session: Promise<Session> | undefined;
    const create = () => {
      session = Session.create(device, plan, { variables, arena, pieces: () => 1 }); // whole: pieces cannot be run in part
      session.catch(() => {}); // the await below throws it, unless the shader's own error comes first
    };
    await checked(device, create).catch((error) => {
      session?.then((made) => made.destroy()).catch(() => {});
      throw error;
    });
    return await session!;
  } finally {
    arena.release(memory);
  }
}

/**
 * Runs `work`, which calls WebGPU and does not wait. WebGPU reports errors to the whole device; this catches those of `work`.
 * @throws DeviceError with the first of these errors
 */
async function checked(device: Device, work: () => void): Promise<void> {
  const { gpu } = device;
  for (const filter of ['validation', 'out-of-memory', 'internal'] as const) gpu.pushErrorScope(filter);
  let scopes: Promise<GPUError | null>[] = [];
  try {
    work();
  } finally {
    scopes = [gpu.popErrorScope(), gpu.popErrorScope(), gpu.popErrorScope()];
  }
  const errors = await device.whileAlive(Promise.all(scopes));
  const error = errors.find((found) => found !== null);
  if (error) throw new DeviceError(error.message);
}

/** Number of elements of a pattern: 1 MiB. */
const PATTERN = 2 ** 18;

/**
 * Fills the inputs. Floats get numbers from -1 to 1, because some kernels skip zeros. Integers are indices, so they get
 * 0 to 3, which lie inside even the smallest windows. A pattern is sent once and copied on the GPU, which is quicker
 * than sending all of the data.
 */
function fill(device: Device, { inputs }: Trial, variables: VariableStore): void {
  const encoder = device.gpu.createCommandEncoder({ label: 'tuning' });
  const patterns = new Map<boolean, GPUBuffer>();
  const patternOf = (dtype: DType) => {
    const known = patterns.get(dtype === 'f32');
    if (known) return known;
    const buffer = device.createBuffer(
      'tuning:pattern',
      4 * PATTERN,
      GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    );
    patterns.set(dtype === 'f32', buffer);
    device.write(buffer, 0, dtype === 'f32' ? fractions() : integers());
    return buffer;
  };
  try {
    for (const input of inputs) {
      const [from, to] = [patternOf(input.dtype), variables.place(input).buffer];
      for (let at = 0; at < to.size; at += from.size) {
        encoder.copyBufferToBuffer(from, 0, to, at, Math.min(from.size, to.size - at));
      }
    }
    device.gpu.queue.submit([encoder.finish()]);
  } finally {
    for (const buffer of patterns.values()) buffer.destroy(); // WebGPU waits for the submitted copies
  }
}

const scrambled = (i: number) => Math.imul(i + 1, 0x9e3779b1) >>> 0;
const fractions = () => Float32Array.from({ length: PATTERN }, (_, i) => scrambled(i) / 2 ** 31 - 1);
const integers = () => Uint32Array.from({ length: PATTERN }, (_, i) => scrambled(i) >>> 30);

/**
 * Waits for one turn of the event loop, because a loss may be reported a little after the failure that it caused.
 * @throws DeviceError if the device was lost
 */
async function settleLoss(device: Device): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  device.checkAlive();
}
