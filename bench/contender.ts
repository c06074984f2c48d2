/** Measures a library in a page: the engine and its peers in the same way, through the interface `Contender`. */
import { type Batch, type LayerData, makeBatch, type SizedLayer, sizedLayers } from './batch.ts';
import { type Counters, type Counts, installCounters } from './counters.ts';
import { compareLosses } from './losses.ts';
import { divided, type Timing, time, timing } from './measure.ts';

/** A network in a library, with the first weights that it was given, Adam, and one batch. */
export interface Contender {
  /** One training step: forward, loss, accuracy, backward, Adam. @returns the loss, on the host */
  step(): Promise<number>;
  /** Runs several steps, submitted without waiting in between if the library can. @returns the last loss, on the host */
  steps(count: number): Promise<unknown>;
  /** The time of a step with several in flight, if the library has a function of its own to train many batches. */
  inFlight?(budgetMs: number): Promise<Timing>;
  /** The batch's logits, on the host. */
  predict(): Promise<Float32Array>;
  /** Bytes of GPU memory as the library reports it, for backends whose buffers cannot be counted. */
  memoryBytes?(): number;
  /** Bytes that the library's plan needs, if it has a plan. */
  plannedBytes?(): number;
}

export type CreateContender = (backend: string, layers: readonly SizedLayer[], batch: Batch) => Promise<Contender>;

export interface ContenderRequest {
  readonly backend: string;
  readonly layers: readonly LayerData[];
  readonly batch: number;
  /** Whether to time the step, or only to count its WebGPU calls. */
  readonly timed: boolean;
  readonly budgetMs: number;
  /** The expected losses of the first steps. Absent for the library that the others are compared with. */
  readonly losses?: readonly number[];
}

export interface ContenderReport {
  readonly losses: readonly number[];
  /** Why nothing was timed. */
  readonly wrong?: string;
  /** A step, awaited. */
  readonly step?: Timing;
  /** A step among several in flight. */
  readonly inFlight?: Timing;
  readonly predict?: Timing;
  /** Counts of one step after the first ones. */
  readonly counts: Counts;
  /** WebGPU buffers, staging included, at their most. */
  readonly peakBytes: number;
  /** By the library's own account. */
  readonly memoryBytes?: number;
  readonly plannedBytes?: number;
}

/** A step longer than this is timed once. */
export const SLOW_MS = 20_000;
/** If steps are longer than this, the pauses between them do not matter, so several in flight are no faster. */
const LONG_MS = 2000;
const FIRST_STEPS = 3;

let counters: Counters | undefined;

/** Checks, counts and times. One call a page. */
export async function runContender(create: CreateContender, request: ContenderRequest): Promise<ContenderReport> {
  counters ??= installCounters();
  const layers = sizedLayers(request.layers);
  const contender = await create(request.backend, layers, makeBatch(request.batch, layers[0]!.input));
  const losses: number[] = [];
  let last = 0;
  let counts = counters.take();
  while (losses.length < FIRST_STEPS && last <= SLOW_MS) {
    counters.take();
    const began = performance.now();
    losses.push(await contender.step());
    // The first step also compiles, so its time is not typical.
    last = losses.length > 1 ? performance.now() - began : 0;
    counts = counters.take();
  }
  const base = () => ({
    losses,
    counts,
    peakBytes: counters!.peakBytes,
    ...(contender.memoryBytes ? { memoryBytes: contender.memoryBytes() } : {}),
    ...(contender.plannedBytes ? { plannedBytes: contender.plannedBytes() } : {}),
  });
  const wrong = compareLosses(losses, request.losses);
  if (wrong) return { ...base(), wrong };
  if (!request.timed) return base();
  const options = { budgetMs: request.budgetMs, onceAboveMs: SLOW_MS };
  const step = last > SLOW_MS ? timing([last]) : await time(() => contender.step(), options);
  const inFlight = step.median > LONG_MS ? undefined : await timeInFlight(contender, step.median, request.budgetMs);
  const predict = await time(() => contender.predict(), options);
  return { ...base(), step, ...(inFlight ? { inFlight } : {}), predict };
}

async function timeInFlight(contender: Contender, stepMs: number, budgetMs: number): Promise<Timing> {
  if (contender.inFlight) return contender.inFlight(budgetMs);
  const count = Math.max(2, Math.min(16, Math.floor(budgetMs / 4 / stepMs)));
  return divided(await time(() => contender.steps(count), { budgetMs }), count);
}

export interface FirstStep {
  /** All of these in milliseconds, from the navigation's end to the loss on the host. */
  readonly total: number;
  /** Loading and evaluating the module. */
  readonly load: number;
  /** Getting a device and building the model, up to the first shader module. */
  readonly plan?: number;
  /** One or more pipelines were compiling. */
  readonly compile?: number;
  /** Trial runs of kernels, and everything else between compilation and the step. */
  readonly tune?: number;
  /** From the step's submit to its loss. */
  readonly step?: number;
  readonly loss: number;
}

/** The first step of a page that has just loaded. @param began when the page began to load the module */
export async function runFirstStep(
  create: CreateContender,
  request: ContenderRequest,
  began: number,
): Promise<FirstStep> {
  const loaded = performance.now();
  counters ??= installCounters();
  const layers = sizedLayers(request.layers);
  const batch = makeBatch(request.batch, layers[0]!.input);
  const prepared = performance.now();
  const contender = await create(request.backend, layers, batch);
  const loss = await contender.step();
  const ended = performance.now();
  const load = loaded - began;
  // Making the batch and the weights is the benchmark's own work, not the library's.
  const total = load + ended - prepared;
  const { firstModule, compiling, lastSubmit } = counters.events;
  if (firstModule === undefined || lastSubmit === undefined) return { total, load, loss };
  const [plan, step] = [firstModule - prepared, ended - lastSubmit];
  return {
    total,
    load,
    plan,
    compile: compiling,
    tune: Math.max(0, total - load - plan - compiling - step),
    step,
    loss,
  };
}
