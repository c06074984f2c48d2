/**
 * Training steps of the caller's own: a graph in which models are applied to one another, with losses that each of them makes
 * small. It runs on the models' own weights and optimizers, as one submit.
 */
import { examples, floats, type InputData } from '../../data/input.ts';
import { ArgumentError, DeviceError, ShapeError, StateError } from '../../errors.ts';
import { check, checkOptions, type Kind, noOptions, type Passed } from '../../options.ts';
import type { Plan } from '../../plan/types.ts';
import { checkHostArray } from '../../runtime/storage.ts';
import { formatShape, type HostArray, sameShape, type Tensor } from '../../tensor.ts';
import type { ModelCalls } from '../execute/modelCalls.ts';
import { MOST_LOSSES } from '../recovery/deviceRecovery.ts';
import type { RecoveryOptions } from '../recovery/options.ts';
import { partSeed } from '../step/microBatches.ts';
import { HYPER_LENGTH } from '../step/step.ts';
import { type PreparedStep, prepareStep } from './preparedStep.ts';
import { buildOwnStep, type OwnStep, type StepBuilder } from './stepBuilder.ts';
import { StepRecovery } from './stepRecovery.ts';

export interface TrainingStepOptions {
  /** Called each time a kernel has been compiled. */
  readonly onProgress?: (compiled: number, total: number) => void;
  /** How often snapshots are taken, and how a lost device is replaced: as for `fit`. */
  readonly recovery?: Pick<RecoveryOptions, 'everySeconds' | 'everySteps' | 'device'>;
}

/** The kind of value that each option takes. */
export const TRAINING_STEP_OPTIONS = { onProgress: 'function', recovery: 'record' } as const satisfies Record<
  keyof TrainingStepOptions,
  Kind
>;

/** A training step that is ready to run. `trainingStep` makes it. */
export class TrainingStep<Name extends string = string> {
  readonly #step: OwnStep<Name>;
  readonly #options: Pick<TrainingStepOptions, 'onProgress'>;
  readonly #recovery: StepRecovery;
  readonly #inputs: ReadonlyMap<string, Tensor>;
  /** The inputs' last values, for another device. */
  readonly #values = new Map<Tensor, HostArray>();
  #prepared: PreparedStep;
  #disposed = false;

  /** @internal */
  constructor(
    prepared: PreparedStep,
    step: OwnStep<Name>,
    recovery: StepRecovery,
    options: Pick<TrainingStepOptions, 'onProgress'>,
  ) {
    this.#prepared = prepared;
    this.#step = step;
    this.#recovery = recovery;
    this.#options = options;
    this.#inputs = new Map(step.inputs.map((input) => [input.name, input]));
  }

  /** The plan of the step: dispatches, buffers, peak bytes. It can be printed. */
  get plan(): Plan {
    return this.#prepared.session.plan;
  }

  /**
   * Runs the step once, as one submit. Each update counts as one of its model's `iterations` and has the learning rate of these.
   * One run at a time. If the device was lost, all models move to another one, as they were at their last snapshot; if that holds all
   * of their steps, the step runs there.
   * @param inputs values of the graph's inputs, by name: arrays of the inputs' dtypes, or for f32 also what `x` of `fit` may be. They
   *   are copied. An input that is left out keeps its last values
   * @returns values of the outputs, by name, in new arrays. Losses are those before the updates
   * @throws ArgumentError for an input that does not exist, does not fit, or has no values yet; then nothing has run
   * @throws StateError while another call changes one of the models, after its dispose, or if it was compiled again
   * @throws StepsLostError if steps were lost with the device. The models are on another one, and the next `run` goes on from there
   * @throws DeviceError if the device is lost and cannot be replaced
   */
  async run(
    inputs: Readonly<Record<string, HostArray | InputData>> = {},
    ...more: Passed
  ): Promise<Record<Name, HostArray>> {
    noOptions('run', more);
    check('run', 'inputs', inputs, 'record');
    this.#checkNotDisposed();
    const calls = [...new Set(this.#step.updates.map(({ model }) => model.calls))];
    const values = await allAlone('run', calls, () => this.#runAlive(inputs));
    return Object.fromEntries(this.#step.outputs.map(([name], i) => [name, values[i]!])) as Record<Name, HostArray>;
  }

  /** Runs the step on a device that is alive. */
  async #runAlive(inputs: Readonly<Record<string, HostArray | InputData>>): Promise<HostArray[]> {
    for (let losses = 0; ; losses++) {
      this.#checkModels();
      const lost = this.#prepared.session.device.lost !== undefined;
      if (lost) await this.#recovery.move();
      try {
        if (lost) await this.#prepareAgain();
        return await this.#run(inputs);
      } catch (error) {
        this.#checkNotDisposed();
        for (const { model } of this.#step.updates) model.calls.checkNotDisposed('run');
        const { device } = this.#step.updates[0]!.compiled;
        const again = error instanceof DeviceError && device.lost !== undefined && !device.destroyed;
        if (!again || losses === MOST_LOSSES) throw error;
      }
    }
  }

  async #run(inputs: Readonly<Record<string, HostArray | InputData>>): Promise<HostArray[]> {
    const { session } = this.#prepared;
    this.#checkModels();
    this.#write(inputs);
    const before = this.#step.updates.map(({ compiled: { progress } }) => progress.iterations);
    let values: HostArray[];
    try {
      const steps = this.#step.updates.map(({ compiled, hyper }) => {
        const step = compiled.progress.nextStep();
        const numbers = new Float32Array(HYPER_LENGTH);
        numbers.set(step.hyper);
        session.write(hyper, numbers);
        return step;
      });
      this.#step.seeds.forEach((seed, i) => {
        if (session.uses(seed)) session.write(seed, Uint32Array.of(partSeed(steps[0]!.seed, i)));
      });
      values = await session.runAndRead(this.#step.outputs.map(([, tensor]) => tensor));
    } catch (error) {
      // The step has failed, so it does not count.
      this.#step.updates.forEach(({ compiled: { progress } }, i) => void progress.rollBack(before[i]!));
      throw error;
    }
    await this.#recovery.afterStep();
    return values;
  }

  /** Makes the step on the device to which its models have moved. @throws StepsLostError if they have lost steps */
  async #prepareAgain(): Promise<void> {
    this.#prepared.destroy(); // before the new one is made, which may need its room
    const prepared = await prepareStep(this.#step, this.#options);
    if (this.#disposed) prepared.destroy();
    this.#checkNotDisposed();
    this.#prepared = prepared;
    for (const [input, values] of this.#values) prepared.session.write(input, values);
    this.#recovery.report('run');
  }

  #checkNotDisposed(): void {
    if (this.#disposed) throw new StateError('run: the step was disposed.');
  }

  /** @throws StateError unless the models are as they were when the step was made */
  #checkModels(): void {
    for (const { model, compiled } of this.#step.updates) {
      if (model.compiled !== compiled) {
        throw new StateError('run: a model was compiled again after the step was made; make the step again.');
      }
      compiled.network.checkTrainable('run');
    }
  }

  /** Writes inputs, or throws and writes none. */
  #write(inputs: Readonly<Record<string, HostArray | InputData>>): void {
    const kinds = Object.fromEntries([...this.#inputs.keys()].map((name) => [name, 'any' as const]));
    checkOptions('run', inputs, kinds, false, 'input');
    const given = Object.entries(inputs)
      .filter(([, data]) => data !== undefined)
      .map(([name, data]) => {
        const input = this.#inputs.get(name)!;
        return [input, hostArrayOf(`run: input ${name}`, input, data)] as const;
      });
    const empty = [...this.#inputs].find(([name, input]) => inputs[name] === undefined && !this.#values.has(input));
    if (empty) throw new ArgumentError(`run: input ${empty[0]} has no values yet; give it.`);
    for (const [input, data] of given) {
      this.#prepared.session.write(input, data);
      const known = this.#values.get(input);
      if (known) known.set(data);
      else this.#values.set(input, data.slice());
    }
  }

  /** Frees the memory of the step. The models stay. */
  dispose(): void {
    this.#disposed = true;
    this.#prepared.destroy();
  }
}

/**
 * The array to write into an input. Examples with a shape, such as bytes or an `NDArray`, go into an input of floats.
 * @throws ArgumentError, ShapeError, DataError unless they fit
 */
function hostArrayOf(what: string, input: Tensor, given: HostArray | InputData): HostArray {
  const shaped = input.dtype === 'f32' && !ArrayBuffer.isView(given);
  if (!shaped) checkHostArray(what, input, given as HostArray);
  if (!shaped) return given as HostArray;
  const { data, shape } = floats(examples(what, given, input.shape.slice(1)));
  if (sameShape(shape, input.shape)) return data;
  throw new ShapeError(`${what} takes ${formatShape(input.shape)}, got ${formatShape(shape)}.`);
}

/**
 * Builds a training step out of models that are compiled on one device, each with an optimizer; they need no loss. In a generative
 * adversarial network, for example, the generator's output goes into the discriminator, and each of them has a loss of its own.
 * Kernels are chosen as the option `tune` of the first model says. The step's memory counts, until its `dispose`, for the
 * `memoryLimit` of each model that it trains.
 * @param build makes inputs, applies models, computes losses, calls `minimize`, and returns the tensors that `run` reads, by name
 * @throws what `build` throws; ArgumentError if it trains no model, if the models are on different devices, or if nothing uses one
 *   of its inputs
 * @throws StepsLostError, DeviceError if the models' device was lost: see `run`
 * @throws MemoryLimitError if the step does not fit into the `memoryLimit` of one of its models; StateError while another call trains
 *   a model that has a `memoryLimit`
 */
export async function trainingStep<Name extends string>(
  build: (step: StepBuilder) => Readonly<Record<Name, Tensor>>,
  options: TrainingStepOptions = {},
): Promise<TrainingStep<Name>> {
  check('trainingStep', 'build', build, 'function');
  const { recovery = {}, ...rest } = checkOptions('trainingStep', options, TRAINING_STEP_OPTIONS);
  const checked = StepRecovery.check(recovery);
  const step = buildOwnStep(build);
  const stepRecovery = new StepRecovery(step, checked);
  await stepRecovery.move();
  stepRecovery.report('trainingStep');
  const limited = step.updates.filter(({ compiled }) => compiled.memoryBudget.limited);
  const calls = [...new Set(limited.map(({ model }) => model.calls))];
  const prepared = await allAlone('trainingStep', calls, () => prepareStep(step, rest));
  return new TrainingStep(prepared, step, stepRecovery, rest);
}

/** Runs work while no other call trains any of the models. @throws StateError while one does */
function allAlone<T>(what: string, calls: readonly ModelCalls[], work: () => Promise<T>): Promise<T> {
  const outermost = calls.reduceRight<() => Promise<T>>((inner, one) => () => one.alone(what, inner), work);
  return outermost();
}
