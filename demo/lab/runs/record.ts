/**
 * What the page knows of a run, as plain data, and how the browser's database names such records. Each tab numbers its own
 * runs, so that a number names no run for certain: keys do.
 */
import type { Settings } from '../link.ts';
import type { DataSummary, Picture, StepPoint, TestResult } from '../protocol/index.ts';

export interface EpochPoint {
  /** In epochs. */
  x: number;
  loss: number;
  accuracy: number;
  valLoss?: number;
  valAccuracy?: number;
}

/** A test's result with what is shown of it, whatever becomes of the images. */
export interface RunTest extends TestResult {
  segments: Int32Array;
  /** Of the pictures; absent in what was kept before it was known: that of the run. */
  source?: DataSummary['source'];
  /** The most confident mistakes, with the probability of fake. */
  mistakes: { picture: Picture; fake: number }[];
}

export interface RunRecord {
  readonly id: number;
  readonly name: string;
  readonly started: Date;
  readonly settings: Settings;
  readonly source: DataSummary['source'];
  readonly status: 'running' | 'done' | 'stopped' | 'failed';
  readonly parameters?: number;
  readonly peakBytes?: number;
  readonly stepsPerEpoch?: number;
  readonly examples?: number;
  readonly imagesPerSecond?: number;
  /** Each step's own numbers; grows while the run is under way, see `curveVersion`. */
  readonly points: StepPoint[];
  readonly epochs: EpochPoint[];
  readonly test?: RunTest;
  /** The trained model's file. */
  readonly model?: Uint8Array<ArrayBuffer>;
  /** Its curves are drawn. */
  readonly shown: boolean;
  readonly problem?: string;
}

/** Whether a run is a model from a file: what was trained here to its end has epochs. */
export const isOpened = ({ status, epochs }: RunRecord) => status === 'done' && epochs.length === 0;

const PREFIX = 'run:';

/** A key that no other tab's run has. */
export const newKey = () => PREFIX + crypto.randomUUID();

/**
 * Runs by their keys, oldest first, with numbers that are given once.
 * @param entries all that the database holds: also of former versions, whose keys were numbers, and of other parts
 * @param taken numbers of runs that the page has already
 */
export function numbered(
  entries: readonly (readonly [IDBValidKey, unknown])[],
  taken: ReadonlySet<number>,
): [string, RunRecord][] {
  const found = entries
    .filter((entry): entry is [string, RunRecord] => String(entry[0]).startsWith(PREFIX) && isRunRecord(entry[1]))
    .sort(([, a], [, b]) => a.started.getTime() - b.started.getTime());
  const used = new Set(taken);
  let last = Math.max(0, ...used, ...found.map(([, { id }]) => id));
  return found.map(([key, run]) => {
    const id = used.has(run.id) ? ++last : run.id;
    used.add(id);
    return [key, renumbered(run, id)];
  });
}

/** A run by another number; a file's name may end in a number that is none of a run, and stays. */
export function renumbered(run: RunRecord, id: number): RunRecord {
  const own = `#${run.id}`;
  return { ...run, id, name: run.name.endsWith(own) ? `${run.name.slice(0, -own.length)}#${id}` : run.name };
}

/** Written by this version of the page, as far as one can see. */
export function isRunRecord(value: unknown): value is RunRecord {
  const run = value as Partial<RunRecord> | undefined;
  return (
    typeof run?.id === 'number' &&
    typeof run.name === 'string' &&
    run.started instanceof Date &&
    Array.isArray(run.points) &&
    Array.isArray(run.epochs) &&
    typeof run.settings?.training?.batchSize === 'number' &&
    Array.isArray(run.settings.data?.roles)
  );
}
