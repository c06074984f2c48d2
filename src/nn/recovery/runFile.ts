/**
 * The file format of a snapshot: the model's file with the state of the run, from which `resume` continues. Files may come from
 * anywhere, so reading checks every field.
 */
import { DataError, FormatError } from '../../errors.ts';
import { hash } from '../../hash.ts';
import type { Bytes } from '../../io/bytes.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../io/safetensors.ts';
import { isRecord } from '../../options.ts';
import { sameShape } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import { checkSound, describeModel, OF_RUN, savedVariables } from '../file/save.ts';
import { unsound } from '../file/weights.ts';
import type { MonitorMemory } from '../nonFinite/monitor.ts';
import type { Logs } from '../train/callbacks.ts';
import type { FitSetup } from '../train/fitRun.ts';
import { describeData } from './describeData.ts';
import { type TrainingPosition, valueIn } from './snapshots.ts';

const VERSION = 4;
/** Most characters of the run's JSON: enough for the logs of a hundred thousand epochs. */
const MOST_TEXT = 2 ** 24;

/** Numbers that JSON cannot represent, as texts. */
const NOT_IN_JSON: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

/** The JSON under the key `run` of the file's metadata. */
export interface SavedRun {
  readonly version: number;
  readonly options: Readonly<Pick<FitSetup, 'epochs' | 'batchSize' | 'shuffle' | 'validationSplit'>> & {
    /** Absent for data whose number is known. */
    readonly stepsPerEpoch?: number | undefined;
  };
  /** The position; `sums` are stored as bits, in two 32-bit words per number. */
  readonly place: Omit<TrainingPosition, 'sums' | 'monitor'> & { readonly sums: readonly number[] };
  /** State of the monitor for values that are not finite. The values that it saved are tensors of the file. */
  readonly watch?: Omit<MonitorMemory, 'saved'> | undefined;
  /** Logs of each epoch that has ended. Numbers that JSON cannot represent are texts. */
  readonly logs: readonly Readonly<Record<string, number | string>>[];
  /** The loss scale, and the steps since it changed; empty in float32. */
  readonly lossScale: readonly number[];
  readonly precision: 'float32' | 'mixed';
  /** Stored since it decides how batches are divided into micro-batches, which changes the last bits of results. */
  readonly memoryLimit: number | null;
  /** Kernels chosen by measuring, by measurement; null if nothing is measured. */
  readonly kernels: Readonly<Record<string, string>> | null;
  /** The result of `describeData`, to recognize the data of the run. */
  readonly data: readonly string[];
}

/** A run with the tensors of its file. */
export interface LoadedRun extends SavedRun {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

/**
 * Writes the last snapshot of a run as a file.
 * @param logs logs of each epoch that has ended
 * @param data the result of `describeData` for the run
 */
export function runFile(setup: FitSetup, logs: readonly Logs[], data: readonly string[]): Uint8Array<ArrayBuffer> {
  const { compiled, epochs, batchSize, shuffle, validationSplit } = setup;
  const stepsPerEpoch = setup.rows ? undefined : setup.stepsPerEpoch;
  const { values, position, ...numbers } = compiled.snapshots.last;
  const { sums, epoch, begun, step, rows, stream, monitor } = position!;
  const { saved = [], ...known } = monitor ?? {};
  const scale = Object.values(compiled.spec.lossScale ?? {});
  const run: SavedRun = {
    version: VERSION,
    options: { epochs, batchSize, shuffle, validationSplit, stepsPerEpoch },
    place: { epoch, begun, step, rows, stream, sums: [...new Uint32Array(sums.slice().buffer)] },
    logs: logs.slice(0, epoch).map((ofEpoch) => mapValues(ofEpoch, (x) => (Number.isFinite(x) ? x : String(x)))),
    watch: monitor && (known as SavedRun['watch']),
    lossScale: scale.map((variable) => valueIn(values, variable)[0]!),
    precision: compiled.spec.precision,
    memoryLimit: compiled.memoryLimit ?? null,
    kernels: compiled.kernels ? Object.fromEntries(compiled.kernels) : null,
    data,
  };
  const tensors = savedVariables(compiled).map((variable) => {
    return { name: variable.name, shape: variable.shape, data: valueIn(values, variable) };
  });
  tensors.push(...saved.map(([{ name, shape }, data]) => ({ name: OF_RUN + name, shape, data })));
  checkSound('snapshot', tensors);
  const metadata = { neurite: describeModel(compiled, numbers), run: JSON.stringify(run) };
  return writeSafetensors(tensors, { ...metadata, checksum: checksumOf(tensors, metadata) });
}

/** Reads a run and its tensors from a file. @throws FormatError if `runFile` did not write it, or it is damaged */
export function readRun(bytes: Bytes): LoadedRun {
  const { tensors, metadata } = readSafetensors(bytes);
  const run = parseRun(metadata.run);
  if (metadata.checksum !== checksumOf([...tensors.values()], metadata)) {
    throw new FormatError('the snapshot is damaged: its checksum is not that of its contents.');
  }
  return { ...run, tensors };
}

export function checksumOf(
  tensors: readonly NamedTensor[],
  { neurite, run }: Readonly<Record<string, string>>,
): string {
  return hash(neurite, run, ...tensors.flatMap(({ name, shape, data }) => [`${name} ${shape}`, data]));
}

function parseRun(text: string | undefined): SavedRun {
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
  const { options, place, watch, logs, lossScale, precision, memoryLimit, kernels, data } = run;
  const isCount = (x: unknown, least = 0) => Number.isSafeInteger(x) && (x as number) >= least;
  const isFraction = (x: unknown) => typeof x === 'number' && x >= 0 && x < 1;
  const ok =
    isRecord(options) &&
    isCount(options.epochs, 1) &&
    isCount(options.batchSize, 1) &&
    typeof options.shuffle === 'boolean' &&
    isFraction(options.validationSplit) &&
    (options.stepsPerEpoch === undefined || isCount(options.stepsPerEpoch, 1)) &&
    isRecord(place) &&
    [place.epoch, place.step, place.rows].every((x) => isCount(x)) &&
    place.epoch <= options.epochs &&
    typeof place.begun === 'boolean' &&
    (place.stream === undefined ||
      (isRecord(place.stream) && [place.stream.pass, place.stream.batch].every((x) => isCount(x)))) &&
    Array.isArray(place.sums) &&
    place.sums.every((x) => isCount(x) && x < 2 ** 32) &&
    (watch === undefined ||
      (isRecord(watch) &&
        [watch.off, watch.troubled].every((x) => typeof x === 'boolean') &&
        [watch.restores, watch.savedAt].every((x) => isCount(x)))) &&
    Array.isArray(logs) &&
    logs.length === place.epoch &&
    logs.every(
      (all) => isRecord(all) && Object.values(all).every((x) => typeof x === 'number' || NOT_IN_JSON.includes(x)),
    ) &&
    Array.isArray(lossScale) &&
    lossScale.every((x) => Number.isFinite(x) && x >= 0) &&
    (precision === 'float32' || precision === 'mixed') &&
    (memoryLimit === null || (Number.isFinite(memoryLimit) && memoryLimit! > 0)) &&
    (kernels === null || (isRecord(kernels) && Object.values(kernels).every((name) => typeof name === 'string'))) &&
    Array.isArray(data) &&
    data.every((part) => typeof part === 'string');
  if (!ok) throw damaged();
  return run as SavedRun;
}

/** Applies the run's kernels and loss scale to a model that was loaded from the same file. */
export function takeOver(compiled: Compiled, { kernels, lossScale }: SavedRun): void {
  for (const [key, kernel] of Object.entries(kernels ?? {})) compiled.kernels?.set(key, kernel);
  const values = new Map(compiled.snapshots.last.values);
  for (const [i, variable] of Object.values(compiled.spec.lossScale ?? {}).entries()) {
    values.set(variable, Float32Array.of(lossScale[i] ?? 0));
  }
  compiled.snapshots.begin(values);
  compiled.restore();
}

/**
 * Sets up a run to continue at its saved position.
 * @throws DataError if the data are not those of the run
 * @throws FormatError if the saved values contradict each other
 */
export function continued(setup: FitSetup, run: LoadedRun): FitSetup {
  const { options, place, watch, logs, data, tensors } = run;
  if (options.validationSplit > 0 && setup.validation !== setup.dataset) {
    throw new DataError(
      `resume: the run held out a part of its data (validationSplit ${options.validationSplit}), so it takes no validationData.`,
    );
  }
  const given = describeData(setup);
  const at = given.findIndex((part, i) => part !== data[i]);
  if (at >= 0) {
    throw new DataError(
      `resume: the data are not those of the run, which had ${data[at]?.slice(0, 200)}; these are ${given[at]}.`,
    );
  }
  const { stepsPerEpoch, rows, compiled } = setup;
  const warns = setup.watch?.action === 'warn';
  const saved = compiled.state.flatMap((variable) => {
    const tensor = tensors.get(OF_RUN + variable.name);
    const fits =
      tensor?.data instanceof Float32Array &&
      sameShape(tensor.shape, variable.shape) &&
      !unsound(variable, tensor.data);
    return fits ? [[variable, tensor.data] as const] : [];
  });
  const fits =
    [0, compiled.state.length].includes(saved.length) &&
    place.step <= (stepsPerEpoch ?? place.step) &&
    place.rows <= (rows?.length ?? place.rows) &&
    (place.rows === 0 || place.sums.length === 2 * compiled.logNames.length) &&
    (place.epoch < setup.epochs || place.step === 0);
  if (!fits) throw new FormatError('the snapshot is damaged: its place in the run does not exist.');
  return {
    ...setup,
    data,
    position: {
      ...place,
      sums: new Float64Array(Uint32Array.from(place.sums).buffer),
      monitor: watch && { ...watch, off: watch.off && warns, saved },
    },
    logs: logs.map((ofEpoch) => mapValues(ofEpoch, Number)),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
