/**
 * Makes a training step of the caller's own ready to run on the device of its models: it plans the step, finds room for it under their
 * memory limits, and makes its session. After the loss of a device this is done anew.
 */
import { ArgumentError, MemoryLimitError } from '../../errors.ts';
import { plan } from '../../plan/plan.ts';
import type { Plan } from '../../plan/types.ts';
import { Session, type SessionOptions } from '../../runtime/session.ts';
import { Arena, isOfModel, ownerOf, VariableStore } from '../../runtime/storage.ts';
import { byteLength } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { OwnStep } from './stepBuilder.ts';

/** A step that is ready to run on a device. */
export interface PreparedStep {
  readonly session: Session;
  /** Frees its memory. The models stay. */
  destroy(): void;
}

/**
 * Under a memory limit no other call may train the model meanwhile.
 * @throws ArgumentError if nothing uses one of the inputs, or the models are on different devices
 * @throws MemoryLimitError if the step does not fit into the memory limit of one of its models
 */
export async function prepareStep(step: OwnStep<string>, options: SessionOptions): Promise<PreparedStep> {
  const trained = [...new Set(step.updates.map(({ compiled }) => compiled))];
  const make = trained.reduceRight<() => Promise<PreparedStep>>(
    (inner, { runners }) =>
      () =>
        runners.makeBeside(inner),
    () => prepareNow(step, trained, options),
  );
  return make();
}

async function prepareNow(
  step: OwnStep<string>,
  trained: readonly Compiled[],
  options: SessionOptions,
): Promise<PreparedStep> {
  const { device, runners } = trained[0]!;
  device.checkAlive();
  const outputs = step.outputs.map(([, tensor]) => tensor);
  let planned = await runners.tuned((choose) => plan(step.graph, outputs, { target: device.target, choose }));
  const unused = step.inputs.find((input) => !planned.inputs.includes(input));
  if (unused) throw new ArgumentError(`trainingStep: nothing that is computed uses the input ${unused.name}.`);
  for (const { variables } of trained) variables.checkAlive(); // throws if a model was disposed in the meantime
  if (misfit(trained, planned)) {
    planned = plan(step.graph, outputs, { target: device.target }); // the kernels that were measured may take more memory
    const error = misfit(trained, planned);
    if (error) throw error;
  }
  const held = { bytes: bytesOf(planned) };
  const budgets = trained.map(({ memoryBudget }) => memoryBudget);
  for (const { ownSteps } of budgets) ownSteps.add(held);
  const memory = { variables: new VariableStore(device), arena: new Arena(device) };
  const free = () => {
    memory.arena.destroy();
    memory.variables.destroy();
    for (const { ownSteps } of budgets) ownSteps.delete(held);
  };
  try {
    const session = await Session.create(device, planned, { ...options, ...memory });
    const destroy = () => {
      session.destroy();
      free();
    };
    return { session, destroy };
  } catch (error) {
    free();
    throw error;
  }
}

/** The memory of a step beside its models: values, inputs, variables of its own, and the staging buffer of its outputs. */
function bytesOf({ slots, inputs, outputs, variables }: Plan): number {
  const own = new Set(variables.filter((variable) => !isOfModel(variable)).map(ownerOf));
  return [...inputs, ...outputs, ...own].reduce(
    (sum, one) => sum + byteLength(one),
    slots.reduce((p, q) => p + q, 0),
  );
}

/** The error of the first model under whose memory limit the step does not fit. */
function misfit(trained: readonly Compiled[], planned: Plan): Error | undefined {
  for (const [i, { memoryBudget }] of trained.entries()) {
    const error = memoryBudget.limited ? memoryBudget.misfitOfOwnStep(planned, bytesOf(planned)) : undefined;
    if (!error) continue;
    const which = trained.length > 1 ? `trainingStep, model ${i + 1} of ${trained.length} in minimize` : 'trainingStep';
    if (error instanceof MemoryLimitError) return new MemoryLimitError(`${which}: ${error.message}`, error.least);
    return error;
  }
  return undefined;
}
