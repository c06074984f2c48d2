/** A training run as bytes: the model's file, with what `resume` needs to go on beside it. */
import { ArrayDataset, type Dataset } from '../data/dataset.ts';
import { DataError, FormatError } from '../errors.ts';
import { formatShape, type HostArray } from '../tensor.ts';
import type { Logs } from './callbacks.ts';
import type { Compiled } from './compiled.ts';
import { isRecord } from './loading.ts';
import type { Setup } from './run.ts';
import { modelFile, savedVariables } from './saving.ts';
import { type Place, valueIn } from './snapshots.ts';

const VERSION = 1;
/** The logs of a hundred thousand epochs. */
const MOST_TEXT = 2 ** 24;
/** Numbers of a dataset that are looked at to tell it from others. */
const MOST_LOOKED_AT = 2 ** 20;

/** The JSON under the key `run` of the file's metadata. */
export interface SavedRun {
  readonly version: number;
  readonly options: Readonly<Pick<Setup, 'epochs' | 'batchSize' | 'shuffle' | 'validationSplit'>>;
  /** `sums` as bits. */
  readonly place: Omit<Place, 'sums' | 'calls'> & { readonly sums: readonly number[] };
  /** Of each epoch that ended. Numbers that JSON lacks are texts. */
  readonly logs: readonly Readonly<Record<string, number | string>>[];
  /** The scale of the loss, and the steps since it changed; empty where there is none. */
  readonly lossScale: readonly number[];
  readonly precision: 'float32' | 'mixed';
  /** Kernels that were chosen by measuring, by what was measured; null where nothing is. */
  readonly kernels: Readonly<Record<string, string>> | null;
  /** What the run was given: texts that are equal where the data are. */
  readonly data: readonly string[];
}

/** The last snapshot of a run. @param logs of each epoch that ended */
export function runFile(setup: Setup, logs: readonly Logs[]): Uint8Array<ArrayBuffer> {
  const { compiled, epochs, batchSize, shuffle, validationSplit } = setup;
  const { values, place, ...numbers } = compiled.snapshots.last;
  const { sums, epoch, begun, step, rows } = place!;
  const scale = Object.values(compiled.recipe.lossScale ?? {});
  const run: SavedRun = {
    version: VERSION,
    options: { epochs, batchSize, shuffle, validationSplit },
    place: { epoch, begun, step, rows, sums: [...new Uint32Array(sums.slice().buffer)] },
    logs: logs.slice(0, epoch).map((ofEpoch) => mapValues(ofEpoch, (x) => (Number.isFinite(x) ? x : String(x)))),
    lossScale: scale.map((variable) => valueIn(values, variable)[0]!),
    precision: compiled.recipe.precision,
    kernels: compiled.kernels ? Object.fromEntries(compiled.kernels) : null,
    data: descriptionOf(setup),
  };
  const tensors = savedVariables(compiled).map((variable) => {
    return { name: variable.name, shape: variable.shape, data: valueIn(values, variable) };
  });
  return modelFile(compiled, numbers, tensors, { run: JSON.stringify(run) });
}

/** @throws FormatError for what `runFile` did not write; the text may come from anywhere */
export function parseRun(text: string | undefined): SavedRun {
  if (text === undefined) throw new FormatError('the file holds a model, but no training run to go on with.');
  const damaged = () => new FormatError('the snapshot is damaged: what it says of the run makes no sense.');
  if (text.length > MOST_TEXT) throw damaged();
  let run: Partial<SavedRun> | null;
  try {
    run = JSON.parse(text) as typeof run;
  } catch (cause) {
    throw new FormatError('the snapshot is damaged: what it says of the run is not JSON.', { cause });
  }
  if (run?.version !== VERSION) {
    throw new FormatError(
      `the snapshot has version ${JSON.stringify(run?.version)?.slice(0, 80)}, this release reads ${VERSION}.`,
    );
  }
  const { options, place, logs, lossScale, precision, kernels, data } = run;
  const isCount = (x: unknown, least = 0) => Number.isSafeInteger(x) && (x as number) >= least;
  const ok =
    isRecord(options) &&
    isCount(options.epochs, 1) &&
    isCount(options.batchSize, 1) &&
    typeof options.shuffle === 'boolean' &&
    options.validationSplit >= 0 &&
    options.validationSplit < 1 &&
    isRecord(place) &&
    [place.epoch, place.step, place.rows].every((x) => isCount(x)) &&
    place.epoch <= options.epochs &&
    typeof place.begun === 'boolean' &&
    Array.isArray(place.sums) &&
    place.sums.every((x) => isCount(x) && x < 2 ** 32) &&
    Array.isArray(logs) &&
    logs.length === place.epoch &&
    logs.every(
      (all) => isRecord(all) && Object.values(all).every((x) => typeof x === 'number' || /^(NaN|-?Infinity)$/.test(x)),
    ) &&
    Array.isArray(lossScale) &&
    lossScale.every((x) => Number.isFinite(x) && x >= 0) &&
    (precision === 'float32' || precision === 'mixed') &&
    (kernels === null || (isRecord(kernels) && Object.values(kernels).every((name) => typeof name === 'string'))) &&
    Array.isArray(data) &&
    data.every((part) => typeof part === 'string');
  if (!ok) throw damaged();
  return run as SavedRun;
}

/** A model that was loaded from the same file takes over what the file says of the run. */
export function takeOver(compiled: Compiled, { kernels, lossScale }: SavedRun): void {
  for (const [key, kernel] of Object.entries(kernels ?? {})) compiled.kernels?.set(key, kernel);
  const values = new Map(compiled.snapshots.last.values);
  for (const [i, variable] of Object.values(compiled.recipe.lossScale ?? {}).entries()) {
    values.set(variable, Float32Array.of(lossScale[i] ?? 0));
  }
  compiled.snapshots.begin(values);
  compiled.restore();
}

/**
 * A run that goes on where it was saved.
 * @throws DataError where the data are not those of the run
 * @throws FormatError where what was saved does not fit together
 */
export function continued(setup: Setup, { place, logs, data }: SavedRun): Setup {
  const given = descriptionOf(setup);
  const at = given.findIndex((part, i) => part !== data[i]);
  if (at >= 0) {
    throw new DataError(
      `resume: the data are not those of the run, which had ${data[at]?.slice(0, 200)}; these are ${given[at]}.`,
    );
  }
  const sums = new Float32Array(Uint32Array.from(place.sums).buffer);
  const { stepsPerEpoch, rows, compiled } = setup;
  const fits =
    place.step <= stepsPerEpoch &&
    place.rows <= rows.length &&
    (place.rows === 0 || sums.length === 2 * compiled.logNames.length) &&
    (place.epoch < setup.epochs || place.step === 0);
  if (!fits) throw new FormatError('the snapshot is damaged: its place in the run does not exist.');
  return { ...setup, place: { ...place, sums, calls: 0 }, logs: logs.map((ofEpoch) => mapValues(ofEpoch, Number)) };
}

/** Training data, validation data, and what the examples count: each as a text. */
function descriptionOf({ dataset, validation, weights }: Setup): string[] {
  const counted = hashOf([weights.byExample, weights.byClass]);
  return [
    described(dataset),
    validation ? described(validation) : 'no validation data',
    `weights of examples ${counted}`,
  ];
}

/** Contents are looked at where they lie in memory; a dataset that reads may give others each time. */
function described(dataset: Dataset): string {
  const contents = dataset instanceof ArrayDataset ? ` with contents ${hashOf([dataset.x, dataset.y])}` : '';
  return `${dataset.size} examples of ${formatShape(dataset.xShape)}${contents}`;
}

/** FNV-1a over the bits of numbers, of some of them where there are many; in hexadecimal. */
function hashOf(arrays: readonly (HostArray | undefined)[]): string {
  let hash = 0x811c9dc5;
  for (const array of arrays) {
    const words = array ? new Uint32Array(array.buffer, array.byteOffset, array.length) : [];
    hash = Math.imul(hash ^ words.length, 0x01000193);
    // An odd stride meets each column of an image in turn.
    const stride = Math.floor(words.length / MOST_LOOKED_AT) | 1;
    for (let i = 0; i < words.length; i += stride) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
