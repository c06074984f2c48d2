/**
 * Writes a model as a safetensors file: weights and optimizer state as tensors, layers and options as JSON in the metadata.
 * Snapshots of a run use the same format.
 */
import { StateError } from '../../errors.ts';
import { type NamedTensor, writeSafetensors } from '../../io/safetensors.ts';
import { shown } from '../../shown.ts';
import type { Variable } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { LayerSpec } from '../layers/layer.ts';
import type { OptimizerConfig } from '../optimizers.ts';
import type { Snapshot } from '../recovery/snapshots.ts';
import { isKnownSchedule } from '../schedules.ts';

/** Version of the metadata; files of other versions are refused. */
export const FORMAT_VERSION = 1;

/** Prefix for names of tensors that belong to a training run, not to the model. */
export const OF_RUN = 'run:';

/** The JSON under the key `neurite` of the file's metadata. */
export interface Metadata {
  readonly version: number;
  readonly layers: readonly LayerSpec[];
  readonly seed: number;
  readonly optimizer: { readonly name: string; readonly config: OptimizerConfig };
  readonly loss: string | null;
  readonly metrics: readonly string[];
  readonly iterations: number;
  readonly epochs: number;
  readonly learningRate: number | null;
  /** Absent if the classes have no names. */
  readonly labels?: readonly string[];
}

/** Reads the model's variables from the GPU and writes them, with the metadata, as a safetensors file. */
export async function saveModel(compiled: Compiled): Promise<Uint8Array<ArrayBuffer>> {
  const { variables, progress } = compiled;
  const { iterations, epochs, learningRateOverride: learningRate } = progress;
  const tensors = await Promise.all(
    savedVariables(compiled).map(async (variable): Promise<NamedTensor> => {
      return { name: variable.name, shape: variable.shape, data: await variables.read(variable) };
    }),
  );
  checkSound('save', tensors);
  return writeSafetensors(tensors, { neurite: describeModel(compiled, { iterations, epochs, learningRate }) });
}

/** @throws StateError for a tensor with values that are not finite, since `loadModel` refuses a file with such values */
export function checkSound(what: string, tensors: readonly NamedTensor[]): void {
  const broken = tensors.find(({ data }) => data instanceof Float32Array && !data.every(Number.isFinite));
  if (!broken) return;
  throw new StateError(
    `${what}: '${broken.name}' has values that are not finite, which no model's file may have. Training has run away: put ` +
      "earlier weights back (setWeights), or train anew with a smaller learning rate; fit's option watch: 'stop' says where it begins.",
  );
}

/** The JSON text under the key `neurite` of a file's metadata. */
export function describeModel(
  { network, spec, seed, labels }: Compiled,
  { iterations, epochs, learningRate }: Pick<Snapshot, 'iterations' | 'epochs' | 'learningRate'>,
): string {
  const { learningRate: schedule } = spec.optimizer.config;
  if (typeof schedule === 'object' && schedule !== null && !isKnownSchedule(schedule.name)) {
    throw new StateError(
      `no file, and no store of fit, can hold ${shown(schedule.name)}, a schedule of your own. Use one of neurite's, or set ` +
        'model.learningRate in a callback.',
    );
  }
  const metadata: Metadata = {
    version: FORMAT_VERSION,
    layers: network.specs.map(({ type, options }, i) => {
      const { name, trainable } = network.layers[i]!;
      return { type, options: { ...options, name, trainable } };
    }),
    seed,
    optimizer: { name: spec.optimizer.name, config: spec.optimizer.config },
    loss: spec.loss?.name ?? null,
    metrics: spec.metrics.map(({ name }) => name),
    iterations,
    epochs,
    learningRate: learningRate ?? null,
    ...(labels && { labels }),
  };
  return JSON.stringify(metadata);
}

/** The variables that a file contains: the weights, then the optimizer state. */
export function savedVariables(compiled: Compiled): Variable[] {
  return [...compiled.network.weights.map(({ variable }) => variable), ...compiled.slots];
}
