/**
 * Training steps of the caller's own: a graph in which models are applied to one another, with losses that each of them makes
 * small. It runs on the models' own weights and optimizers, as one submit.
 */
import { examples, floats, type InputData } from '../../data/input.ts';
import { ArgumentError, DeviceError, ShapeError, StateError } from '../../errors.ts';
import { check, checkOptions, type Kind, noOptions, type Passed } from '../../options.ts';
import { plan } from '../../plan/plan.ts';
import type { Plan } from '../../plan/types.ts';
import { Session } from '../../runtime/session.ts';
import { checkHostArray } from '../../runtime/storage.ts';
import { formatShape, type HostArray, sameShape, type Tensor } from '../../tensor.ts';
import { partSeed } from '../step/microBatches.ts';
import { HYPER_LENGTH } from '../step/step.ts';
import { buildOwnStep, type OwnStep, type StepBuilder } from './stepBuilder.ts';
import { SNAPSHOT_MS } from './trainBatch.ts';

export interface TrainingStepOptions {
  /** Called each time a kernel has been compiled. */
  readonly onProgress?: (compiled: number, total: number) => void;
}

/** The kind of value that each option takes. */
export const TRAINING_STEP_OPTIONS = { onProgress: 'function' } as const satisfies Record<
  keyof TrainingStepOptions,
  Kind
>;

/** A training step that is ready to run. `trainingStep` makes it. */
export class TrainingStep<Name extends string = string> {
  readonly #session: Session;
  readonly #step: OwnStep<Name>;
  readonly #inputs: ReadonlyMap<string, Tensor>;
  /** Names of inputs that have no values yet. */
  readonly #empty: Set<string>;
  #disposed = false;

  /** @internal */
  constructor(session: Session, step: OwnStep<Name>) {
    this.#session = session;
    this.#step = step;
    this.#inputs = new Map(step.inputs.map((input) => [input.name, input]));
    this.#empty = new Set(this.#inputs.keys());
  }

  /** The plan of the step: dispatches, buffers, peak bytes. It can be printed. */
  get plan(): Plan {
    return this.#session.plan;
  }

  /**
   * Runs the step once, as one submit. Each update counts as one of its model's `iterations` and has the learning rate of these.
   * One run at a time.
   * @param inputs values of the graph's inputs, by name: arrays of the inputs' dtypes, or for f32 also what `x` of `fit` may be. They
   *   are copied. An input that is left out keeps its last values
   * @returns values of the outputs, by name, in new arrays. Losses are those before the updates
   * @throws ArgumentError for an input that does not exist, does not fit, or has no values yet; then nothing has run
   * @throws StateError while another call changes one of the models, after its dispose, or if it was compiled again
   * @throws DeviceError if the device is lost. The step is of no use then; the models are as after any loss of a device
   */
  async run(
    inputs: Readonly<Record<string, HostArray | InputData>> = {},
    ...more: Passed
  ): Promise<Record<Name, HostArray>> {
    noOptions('run', more);
    check('run', 'inputs', inputs, 'record');
    if (this.#disposed) throw new StateError('run: the step was disposed.');
    const models = [...new Set(this.#step.updates.map(({ model }) => model))];
    const work = models.reduceRight<() => Promise<HostArray[]>>(
      (inner, { calls }) =>
        () =>
          calls.alone('run', inner),
      () => this.#run(inputs),
    );
    const values = await work();
    return Object.fromEntries(this.#step.outputs.map(([name], i) => [name, values[i]!])) as Record<Name, HostArray>;
  }

  async #run(inputs: Readonly<Record<string, HostArray | InputData>>): Promise<HostArray[]> {
    const session = this.#session;
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
    await Promise.all(this.#step.updates.map(({ compiled }) => compiled.snapshots.refresh(SNAPSHOT_MS)));
    return values;
  }

  /** @throws StateError, DeviceError unless the models are as they were when the step was made */
  #checkModels(): void {
    const { device } = this.#session;
    if (device.lost !== undefined) {
      throw new DeviceError(
        `run: the GPU device that the step was made for was lost (${device.lost}). Save the models, load them onto one new ` +
          'device, and make the step again.',
      );
    }
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
      .map(
        ([name, data]) =>
          [this.#inputs.get(name)!, hostArrayOf(`run: input ${name}`, this.#inputs.get(name)!, data)] as const,
      );
    const empty = [...this.#empty].find((name) => inputs[name] === undefined);
    if (empty !== undefined) throw new ArgumentError(`run: input ${empty} has no values yet; give it.`);
    for (const [input, data] of given) this.#session.write(input, data);
    this.#empty.clear();
  }

  /** Frees the memory of the step. The models stay. */
  dispose(): void {
    this.#disposed = true;
    this.#session.destroy();
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
 * Kernels are chosen as the option `tune` of the first model says. The step's memory does not count for a `memoryLimit`.
 * @param build makes inputs, applies models, computes losses, calls `minimize`, and returns the tensors that `run` reads, by name
 * @throws what `build` throws; ArgumentError if it trains no model, if the models are on different devices, or if nothing uses one
 *   of its inputs
 */
export async function trainingStep<Name extends string>(
  build: (step: StepBuilder) => Readonly<Record<Name, Tensor>>,
  options: TrainingStepOptions = {},
): Promise<TrainingStep<Name>> {
  check('trainingStep', 'build', build, 'function');
  checkOptions('trainingStep', options, TRAINING_STEP_OPTIONS);
  const step = buildOwnStep(build);
  const { device, runners, variables } = step.updates[0]!.compiled;
  device.checkAlive();
  const outputs = step.outputs.map(([, tensor]) => tensor);
  const planned = await runners.tuned((choose) => plan(step.graph, outputs, { target: device.target, choose }));
  const unused = step.inputs.find((input) => !planned.inputs.includes(input));
  if (unused) throw new ArgumentError(`trainingStep: nothing that is computed uses the input ${unused.name}.`);
  variables.checkAlive(); // throws if the model was disposed in the meantime
  return new TrainingStep(await Session.create(device, planned, options), step);
}
