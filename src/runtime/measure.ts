/** Times the candidates of a trial on a device. */
import { DeviceError } from '../errors.ts';
import type { DType } from '../tensor.ts';
import type { Device } from './device.ts';
import { Session } from './session.ts';
import { GROWTH, Stopwatch, type Timed } from './stopwatch.ts';
import { Arena, VariableStore } from './storage.ts';
import type { Candidate, Trial } from './trial.ts';

/** How a candidate did. */
export interface CandidateTime {
  readonly kernel: string;
  /** Of one run, the quickest seen; absent where it failed. */
  readonly microseconds?: number;
  /** Why it could not be run. */
  readonly failure?: string;
}

/** What came out of measuring the candidates for a node. */
export interface Measurement {
  /** The node's name. */
  readonly name: string;
  /** Op and shapes, and a hash. */
  readonly key: string;
  readonly candidates: readonly CandidateTime[];
  /** The kernel to use; absent where none could be run, or times remained too short to tell. */
  readonly chosen?: string;
  /** What the measurement took, compilation included. */
  readonly milliseconds: number;
}

/** Each round times each candidate twice; the quickest counts, since whatever else goes on only makes a run slower. */
const ROUNDS = 5;
/** A candidate so many times slower than the best is given up: after one round, and after later ones, which even out hiccups. */
const HOPELESS = 3;
const BEATEN = 1.3;
/** A run that takes longer than this, in microseconds, is not repeated to find out that it is hopeless: hiccups are shorter. */
const DEAR = 30_000;
/** The first of the list stays unless another one is quicker by this factor, so that noise decides nothing. */
const BETTER = 0.95;
/** Repeats in one pass, at most. */
const MOST_REPEATS = 1000;
/** A run need not take longer than this, in microseconds: a part of the workgroups tells as much, and the page can draw. */
const LONG_ENOUGH = 10_000;
/** Workgroups that keep all cores of a device busy, and even out what single ones take. */
const ENOUGH_GROUPS = { software: 64, gpu: 4096 };

/** A candidate in the race. */
interface Rival extends Timed {
  readonly session: Session;
  readonly kernel: string;
  /** Microseconds, of the latest run, and of the quickest that took long enough to be trusted. */
  latest: number;
  best: number;
  /** Repeats of the latest run. */
  repeats: number;
}

/**
 * Times the candidates alternately, on data of the node's shapes; all memory is freed at once.
 * @param deadline by `performance.now()`: after it, nothing more is done than to come to a first result
 * @throws DeviceError where the device was lost
 */
export async function measure(device: Device, trial: Trial, deadline: number): Promise<Measurement> {
  const begin = performance.now();
  const variables = new VariableStore(device);
  const arena = new Arena(device);
  const watch = new Stopwatch(device);
  const times = new Map<string, CandidateTime>(trial.candidates.map(({ kernel }) => [kernel, { kernel }]));
  const rivals: Rival[] = [];
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
    rivals.sort((p, q) => order.indexOf(p.kernel) - order.indexOf(q.kernel)); // they compiled in any order
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
 * Times the rivals in turn, until it is clear who wins.
 * @param smallest share of the workgroups that is enough to compare by
 * @returns whether every rival was timed
 */
async function race(rivals: Rival[], watch: Stopwatch, smallest: number, deadline: number): Promise<boolean> {
  const timed = () => rivals.every(({ best }) => best < Infinity);
  if (rivals.length < 2) return rivals.length > 0;
  const first = await watch.time([...rivals, ...rivals], smallest); // once to touch fresh memory and fill caches
  rivals.forEach((rival, i) => {
    rival.latest = Math.max(1, Math.min(first[i]!, first[rivals.length + i]!)) / smallest; // not what held up one of both
  });
  const quickest = Math.min(...rivals.map(({ latest }) => latest));
  for (const rival of rivals) {
    if (rival.latest > HOPELESS * quickest && rival.latest * smallest > DEAR) rival.best = rival.latest;
  }
  let live = rivals.filter(({ best }) => best === Infinity);
  const share = Math.min(1, smallest * GROWTH, Math.max(smallest, LONG_ENOUGH / quickest));
  // Compiling has cost the most, so even what is late gets a first result: a slow machine would never come to one.
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
    live = live.filter((rival) => rival.best <= (round === 0 ? HOPELESS : BEATEN) * best || rival.best === Infinity);
    if (live.length < 2 && best < Infinity) break;
  }
  return timed();
}

function winner(rivals: readonly Rival[]): string | undefined {
  const [first] = rivals;
  const best = [...rivals].sort((p, q) => p.best - q.best)[0];
  return first && best && best.best < BETTER * first.best ? best.kernel : first?.kernel;
}

/** The part of the workgroups that still is enough of each candidate's largest dispatch. */
function smallestShare({ candidates }: Trial, enough: number): number {
  const shares = candidates.map(({ plan }) => {
    const groups = plan.dispatches.map(({ workgroups: [x, y, z] }) => x * y * z);
    return enough / Math.max(...groups);
  });
  return Math.min(1, Math.max(...shares));
}

/** Checks that there is memory, then compiles. The candidates of a trial share their memory: it holds the largest, not the sum. */
async function prepare(device: Device, { plan }: Candidate, variables: VariableStore, arena: Arena): Promise<Session> {
  let memory: GPUBuffer[] = [];
  try {
    await checked(device, () => {
      memory = arena.take(plan.slots);
    });
    let session: Promise<Session> | undefined;
    const create = () => {
      session = Session.create(device, plan, { variables, arena, pieces: () => 1 }); // a share of it may be run
      session.catch(() => {}); // told below, unless the shader's own error comes first
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

/** Does something that only calls WebGPU, without waiting, and turns errors that WebGPU would tell the whole device into one of its own. */
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

/** 1 MiB. */
const PATTERN = 2 ** 18;

/**
 * Fills the inputs: f32 with numbers from -1 to 1, since some kernels skip zeros; integers, which say where something lies, with 0 to 3,
 * which lie inside even the smallest windows. By copies on the GPU, which are quicker than sending as much.
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
  for (const input of inputs) {
    const [from, to] = [patternOf(input.dtype), variables.place(input).buffer];
    for (let at = 0; at < to.size; at += from.size) {
      encoder.copyBufferToBuffer(from, 0, to, at, Math.min(from.size, to.size - at));
    }
  }
  device.gpu.queue.submit([encoder.finish()]);
  for (const buffer of patterns.values()) buffer.destroy(); // once what was submitted is done
}

const scrambled = (i: number) => Math.imul(i + 1, 0x9e3779b1) >>> 0;
const fractions = () => Float32Array.from({ length: PATTERN }, (_, i) => scrambled(i) / 2 ** 31 - 1);
const integers = () => Uint32Array.from({ length: PATTERN }, (_, i) => scrambled(i) >>> 30);

/** A device's loss may be told a little after what failed because of it. @throws DeviceError where it was lost */
async function settleLoss(device: Device): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  device.checkAlive();
}
