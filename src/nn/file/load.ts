/**
 * `loadModel`: reads a model's file from memory or from an address, checks it, and compiles the model as it was. Files may
 * come from anywhere, so reading checks every field.
 */
import { ArgumentError, DeviceError, FormatError, MemoryLimitError, NeuriteError, ShapeError } from '../../errors.ts';
import { type Bytes, bytesIn, isBlob, isBytes, isUrlObject } from '../../io/bytes.ts';
import { quote } from '../../io/json.ts';
import { type NamedTensor, readSafetensors } from '../../io/safetensors.ts';
import { checkOptions, isNumber, isRecord, type Kind } from '../../options.ts';
import { Device } from '../../runtime/device.ts';
import { shown } from '../../shown.ts';
import { formatShape, sameShape, type Variable } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import { AUGMENTATION } from '../layers/augmentation.ts';
import { isLayerType } from '../layers/index.ts';
import { type Model, sequential } from '../model.ts';
import { optimizerFromConfig } from '../optimizers.ts';
import { COMPILE_OPTIONS, type CompileOptions } from '../step/compileOptions.ts';
import { checkComputing } from '../step/spec.ts';
import { FORMAT_VERSION, type Metadata, OF_RUN, savedVariables } from './save.ts';
import { type BytesHook, bytesOf } from './source.ts';
import { unsound } from './weights.ts';

/** Most characters of a model's description; that of a thousand layers takes 200 KB. */
const MOST_TEXT = 2 ** 20;
const MOST_LAYERS = 4096;
const MOST_MESSAGE = 500;

export interface LoadOptions
  extends Pick<CompileOptions, 'device' | 'onProgress' | 'tune' | 'precision' | 'memoryLimit'> {
  /** Most bytes to fetch from an address, since a server need not announce the length. Default 192 MiB. */
  readonly maxBytes?: number;
  /** Called as bytes arrive from a server. */
  readonly onBytes?: BytesHook;
}

/** The type of each option, for `checkOptions`. */
const { device, onProgress, tune, precision, memoryLimit } = COMPILE_OPTIONS;
export const LOAD_OPTIONS = {
  device,
  onProgress,
  tune,
  precision,
  memoryLimit,
  maxBytes: 'notNegative',
  onBytes: 'function',
} satisfies Record<keyof LoadOptions, Kind>;

/**
 * Loads a model from a file that `save` wrote. It is compiled as before and has its optimizer state, so training continues with
 * bit-identical results. The file may come from an unknown source: the sizes of weights are checked against its contents before
 * memory is allocated for them.
 * @param source the file, or its address: that of a server, or one that `save` takes. Data in memory are read before the call
 *   returns its promise
 * @throws FormatError for a file that is damaged, or is not a safetensors file of a model
 * @throws ArgumentError for a wrong source or wrong options
 * @throws MemoryLimitError for a limit that is too small for the model
 */
export async function loadModel(source: Blob | Bytes | URL | string, given: LoadOptions = {}): Promise<Model> {
  checkOptions('loadModel', given, LOAD_OPTIONS);
  const { maxBytes = 192 * 2 ** 20, onBytes, ...options } = given;
  Device.check('loadModel', options.device);
  checkComputing('loadModel', options);
  const inMemory = isBytes(source);
  if (!inMemory && !(isBlob(source) || isUrlObject(source) || typeof source === 'string')) {
    throw new ArgumentError(
      `loadModel: source must be a Blob, ArrayBuffer, Uint8Array, URL or text, got ${shown(source)}.`,
    );
  }
  // Data in memory belong to the caller, so they are read before the first await.
  const { tensors, metadata } = readSafetensors(
    inMemory ? bytesIn('loadModel: source', source) : await bytesOf(source, maxBytes, onBytes),
  );
  const saved = parseMetadata(metadata.neurite);
  await knowLayers(saved);
  let model: Model | undefined;
  try {
    model = sequential(saved.layers);
    const weights = model.layers.flatMap(({ weights }) => weights.map(({ variable }) => variable));
    // Checked before compile, which allocates weights of any size that the layers declare.
    for (const weight of weights) valuesOf(weight, tensors);
    await model.compile({
      ...options,
      optimizer: optimizerFromConfig(saved.optimizer.name, saved.optimizer.config),
      ...(saved.loss === null ? {} : { loss: saved.loss as NonNullable<CompileOptions['loss']> }),
      metrics: saved.metrics as NonNullable<CompileOptions['metrics']>,
      seed: saved.seed,
      labels: saved.labels,
    });
    restore(model.compiled, saved, tensors);
    return model;
  } catch (error) {
    model?.dispose();
    // Any other error means that the file contradicts itself. Errors of the device and of the caller's limit are passed on.
    const own = error instanceof DeviceError || error instanceof MemoryLimitError;
    if (error instanceof NeuriteError && !own) {
      const { message } = error; // may contain long names from the file
      const brief = message.length > MOST_MESSAGE ? `${message.slice(0, MOST_MESSAGE)}…` : message;
      throw new FormatError(`the model file is inconsistent: ${brief}`, { cause: error });
    }
    throw error;
  }
}

/** Loads the layers of augmentation if a model has some. */
async function knowLayers({ layers }: Metadata): Promise<void> {
  if (!layers.some(({ type }) => AUGMENTATION.includes(type) && !isLayerType(type))) return;
  const { registerAugmentation } = await import('../../augmentation/index.ts');
  registerAugmentation();
}

function restore(compiled: Compiled, saved: Metadata, tensors: ReadonlyMap<string, NamedTensor>): void {
  const wanted = savedVariables(compiled);
  const values = wanted.map((variable) => valuesOf(variable, tensors));
  const names = new Set(wanted.map(({ name }) => name));
  const extra = [...tensors.keys()].filter((name) => !names.has(name) && !name.startsWith(OF_RUN)).slice(0, 3);
  if (extra.length > 0) {
    throw new FormatError(`it holds tensors that the model does not have: ${extra.map(quote).join(', ')}.`);
  }
  compiled.progress.restore({ ...saved, learningRate: saved.learningRate ?? undefined });
  compiled.snapshots.begin(new Map(wanted.map((variable, i) => [variable, values[i]!])));
  compiled.restore();
}

/** The values of a variable in the file. @throws FormatError, ShapeError if its tensor is missing or does not fit */
function valuesOf(variable: Variable, tensors: ReadonlyMap<string, NamedTensor>): Float32Array {
  const { name, shape } = variable;
  const tensor = tensors.get(name);
  if (!tensor) throw new FormatError(`tensor ${quote(name)} of shape ${formatShape(shape)} is missing.`);
  if (!sameShape(tensor.shape, shape)) {
    throw new ShapeError(
      `tensor ${quote(name)} has shape ${formatShape(tensor.shape)}, the model needs ${formatShape(shape)}.`,
    );
  }
  if (!(tensor.data instanceof Float32Array)) throw new FormatError(`tensor ${quote(name)} is not float32.`);
  const wrong = unsound(variable, tensor.data);
  if (wrong) throw new FormatError(`tensor ${quote(name)} ${wrong}`);
  return tensor.data;
}

function parseMetadata(text: string | undefined): Metadata {
  if (text === undefined)
    throw new FormatError(
      'the file holds tensors, but no neurite model: its metadata name none. readSafetensors reads them, and setWeights takes them.',
    );
  if (text.length > MOST_TEXT) {
    throw new FormatError(
      `the model file is damaged: its architecture has ${text.length} characters, at most ${MOST_TEXT} make sense.`,
    );
  }
  let parsed: Partial<Metadata> | null;
  try {
    parsed = JSON.parse(text) as Partial<Metadata> | null;
  } catch (cause) {
    throw new FormatError('the model file is damaged: its architecture is not JSON.', { cause });
  }
  if (parsed?.version !== FORMAT_VERSION) {
    const version = JSON.stringify(parsed?.version)?.slice(0, 80);
    throw new FormatError(`the model file has version ${version}, this release reads ${FORMAT_VERSION}.`);
  }
  const counts = [parsed.iterations, parsed.epochs];
  const ok =
    Array.isArray(parsed.layers) &&
    parsed.layers.length <= MOST_LAYERS &&
    parsed.layers.every((layer) => typeof layer?.type === 'string' && isOptions(layer.options)) &&
    Number.isSafeInteger(parsed.seed) &&
    typeof parsed.optimizer?.name === 'string' &&
    isOptions(parsed.optimizer.config) &&
    (parsed.loss === null || typeof parsed.loss === 'string') &&
    isTexts(parsed.metrics) &&
    (parsed.labels === undefined || isTexts(parsed.labels)) &&
    counts.every((n) => Number.isSafeInteger(n) && n! >= 0) &&
    (parsed.learningRate === null || (isNumber(parsed.learningRate) && parsed.learningRate >= 0));
  if (!ok) throw new FormatError('the model file is damaged: its architecture lacks parts.');
  return parsed as Metadata;
}

const isTexts = (value: unknown) => Array.isArray(value) && value.every((text) => typeof text === 'string');

/**
 * Whether a value may be the options of a layer or an optimizer: an object of plain values, nested no deeper than any option
 * is.
 */
function isOptions(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((option) => isPlain(option, 2));
}

/** Whether a JSON value is nested at most `depth` levels deep, so that printing it in a message cannot overflow the stack. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isPlain(inner, depth - 1));
}
