import { DeviceError, FormatError, NeuriteError, ShapeError } from '../errors.ts';
import { type NamedTensor, readSafetensors } from '../io/safetensors.ts';
import { byteLength, sameShape } from '../tensor.ts';
import type { Compiled, CompileOptions } from './compiled.ts';
import { type Model, sequential } from './model.ts';
import { optimizerFromConfig } from './optimizers.ts';
import { FORMAT_VERSION, type Metadata, savedVariables } from './saving.ts';

/**
 * A model from a file that `save` wrote, compiled as it was, with its optimizer's state: training goes on bit for bit.
 * @param source the file, or where to fetch it
 * @throws FormatError for a file that is damaged, not a safetensors file, or not one of a model
 */
export async function loadModel(
  source: Blob | ArrayBuffer | Uint8Array | URL | string,
  options: Pick<CompileOptions, 'device' | 'onProgress' | 'tune' | 'precision'> = {},
): Promise<Model> {
  const { tensors, metadata } = readSafetensors(await bytesOf(source));
  const saved = parseMetadata(metadata.neurite);
  let model: Model | undefined;
  try {
    model = sequential(saved.layers);
    await model.compile({
      ...options,
      optimizer: optimizerFromConfig(saved.optimizer.name, saved.optimizer.config),
      ...(saved.loss === null ? {} : { loss: saved.loss as NonNullable<CompileOptions['loss']> }),
      metrics: saved.metrics as NonNullable<CompileOptions['metrics']>,
      seed: saved.seed,
    });
    restore(model.compiled, saved, tensors);
    return model;
  } catch (error) {
    model?.dispose();
    // What the file says does not fit together: the file is to blame, not the caller.
    if (error instanceof NeuriteError && !(error instanceof DeviceError)) {
      throw new FormatError(`the model file is inconsistent: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function restore(compiled: Compiled, saved: Metadata, tensors: ReadonlyMap<string, NamedTensor>): void {
  const wanted = savedVariables(compiled);
  const values = wanted.map((variable) => {
    const tensor = tensors.get(variable.name);
    if (!tensor) throw new FormatError(`tensor ${variable.name} is missing.`);
    if (!sameShape(tensor.shape, variable.shape)) {
      throw new ShapeError(`tensor ${variable.name} has shape [${tensor.shape}], the model needs [${variable.shape}].`);
    }
    if (!(tensor.data instanceof Float32Array) || tensor.data.byteLength > byteLength(variable)) {
      throw new FormatError(`tensor ${variable.name} is not float32.`);
    }
    if (!tensor.data.every(Number.isFinite))
      throw new FormatError(`tensor ${variable.name} has values that are not finite.`);
    return tensor.data;
  });
  if (tensors.size !== wanted.length) {
    const names = new Set(wanted.map(({ name }) => name));
    const extra = [...tensors.keys()].filter((name) => !names.has(name));
    throw new FormatError(`it holds tensors that the model does not have: ${extra.slice(0, 3).join(', ')}.`);
  }
  wanted.forEach((variable, i) => {
    compiled.variables.write(variable, values[i]!);
  });
  compiled.iterations = saved.iterations;
  compiled.epochs = saved.epochs;
  compiled.learningRateOverride = saved.learningRate ?? undefined;
}

function parseMetadata(text: string | undefined): Metadata {
  if (text === undefined)
    throw new FormatError('the file holds tensors, but no neurite model: its metadata name none.');
  let parsed: Partial<Metadata> | null;
  try {
    parsed = JSON.parse(text) as Partial<Metadata> | null;
  } catch (cause) {
    throw new FormatError('the model file is damaged: its architecture is not JSON.', { cause });
  }
  if (parsed?.version !== FORMAT_VERSION) {
    throw new FormatError(`the model file has version ${parsed?.version}, this release reads ${FORMAT_VERSION}.`);
  }
  const counts = [parsed.iterations, parsed.epochs];
  const ok =
    Array.isArray(parsed.layers) &&
    parsed.layers.every((layer) => typeof layer?.type === 'string' && isRecord(layer.options)) &&
    Number.isInteger(parsed.seed) &&
    typeof parsed.optimizer?.name === 'string' &&
    isRecord(parsed.optimizer.config) &&
    (parsed.loss === null || typeof parsed.loss === 'string') &&
    Array.isArray(parsed.metrics) &&
    counts.every((n) => Number.isInteger(n) && n! >= 0) &&
    (parsed.learningRate === null || Number.isFinite(parsed.learningRate));
  if (!ok) throw new FormatError('the model file is damaged: its architecture lacks parts.');
  return parsed as Metadata;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function bytesOf(source: Blob | ArrayBuffer | Uint8Array | URL | string): Promise<ArrayBuffer | Uint8Array> {
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return source;
  if (source instanceof Blob) return source.arrayBuffer();
  const response = await fetch(source);
  if (!response.ok) throw new FormatError(`${source}: the server answered ${response.status} ${response.statusText}.`);
  return response.arrayBuffer();
}
