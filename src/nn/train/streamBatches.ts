/** The batches of a stream of examples, checked and converted as data in memory are. */
import { ArrayDataset, type ExampleStream } from '../../data/dataset.ts';
import { examples } from '../../data/input.ts';
import { decoded, hasBlobs } from '../../data/pictures.ts';
import type { BatchReader, StreamPlace } from '../../data/stream/batchReader.ts';
import type { Batch, MadeBatch } from '../../data/stream/elements.ts';
import { DataError, StateError } from '../../errors.ts';
import { check } from '../../options.ts';
import type { Compiled } from '../execute/compiled.ts';
import { type Batches, type DataBatch, range } from './batching.ts';
import { naming } from './naming.ts';
import { type RowWeights, rowWeights } from './rowWeights.ts';
import { checkInput, inMemory } from './targets.ts';
import { warnOfUnscaled } from './unscaled.ts';

/** How a pass reads a stream. */
export interface StreamRequest {
  /** Examples of a batch that is made of single ones, and the most that the step takes. */
  readonly size: number;
  /** Whether larger batches are divided. Default false: they are an error. */
  readonly splits?: boolean;
  /** Whether targets are needed. Default true. */
  readonly labelled?: boolean;
  /** Weights of classes. */
  readonly weights?: RowWeights;
  /** Default: the beginning of the first pass. */
  readonly from?: StreamPlace;
  /** As in `BatchRequest`. Default false. */
  readonly endless?: boolean;
  /** Steps that may be under way and repeated. Default 0. */
  readonly repeats?: number;
  /** Waits for a batch. It gives `undefined` before if the pass was stopped. */
  readonly wait?: <T>(reading: Promise<T>) => Promise<T | undefined>;
}

/** The batches of a stream, from one place on. */
export class StreamBatches implements Batches {
  readonly #compiled: Compiled;
  readonly #request: StreamRequest;
  readonly #reader: BatchReader<DataBatch>;
  /** Number of the reader's batch that the pass counts as 0. */
  #first = 0;
  /** Batches of the pass. */
  #most = Number.POSITIVE_INFINITY;
  #isChecked = false;

  constructor(compiled: Compiled, stream: ExampleStream, request: StreamRequest) {
    const { size, from = { pass: 0, batch: 0 }, endless = false, repeats = 0 } = request;
    const { inputShape } = compiled.network;
    this.#compiled = compiled;
    this.#request = request;
    const make = (batch: Batch | MadeBatch, at: number) => this.#make(batch, at);
    this.#reader = stream.readBatches({ inputShape, size, from, endless, keep: repeats + 1, make });
  }

  /** Where the next batch is read. */
  get place(): StreamPlace {
    return this.#reader.place;
  }

  /** Begins an epoch with the next batch. @param most its batches, if it ends before the stream does */
  begin(most: number): void {
    this.#first = this.#reader.given;
    this.#most = most;
  }

  batch(at: number): Promise<DataBatch | undefined> | undefined {
    if (at >= this.#most) return undefined;
    const reading = this.#whileInUse(this.#reader.batch(this.#first + at));
    return this.#request.wait?.(reading) ?? reading;
  }

  /** Waits for a batch, which may never come. @throws StateError, DeviceError if the model is disposed or its device lost */
  async #whileInUse<T>(reading: Promise<T>): Promise<T> {
    const { device, lifetime } = this.#compiled;
    let end = () => {};
    const disposed = new Promise<never>((_, reject) => {
      end = () => reject(new StateError('the model was disposed.'));
      lifetime.addEventListener('abort', end);
      if (lifetime.aborted) end(); // it was disposed in the step before
    });
    try {
      return await Promise.race([device.whileAlive(reading), disposed]);
    } finally {
      lifetime.removeEventListener('abort', end);
    }
  }

  readAhead(): void {
    this.#reader.readAhead();
  }

  /** Closes the source. */
  close(): Promise<void> {
    return this.#reader.close();
  }

  /** @throws DataError, ShapeError for a batch that does not fit the model */
  async #make(batch: Batch | MadeBatch, at: number): Promise<DataBatch[]> {
    const what = `the dataset: batch ${at}`;
    const { size, splits = false, weights = {} } = this.#request;
    const { inputShape } = this.#compiled.network;
    const { x, sampleWeight } = batch;
    const pixels = hasBlobs(x) ? await decoded(`${what}: x`, x, inputShape) : x;
    return naming(what, () => {
      const dataset = this.#datasetOf({ ...batch, x: pixels } as Batch);
      if (!this.#isChecked && !splits) {
        this.#isChecked = true;
        warnOfUnscaled('the dataset', dataset, this.#compiled.network);
      }
      if (sampleWeight !== undefined) check('a batch', 'sampleWeight', sampleWeight, 'list');
      const { byExample } = rowWeights('a batch', dataset, 0, sampleWeight, undefined);
      const rows = range(dataset.size);
      if (rows.length > size && !splits) {
        throw new DataError(
          `it has ${rows.length} examples, and a step takes ${size}. Give fit the examples of the largest batch: { batchSize: ${rows.length} }.`,
        );
      }
      return Array.from({ length: Math.ceil(rows.length / size) }, (_, part) => ({
        dataset,
        rows: rows.subarray(part * size, (part + 1) * size),
        weights: { ...weights, byExample },
      }));
    });
  }

  #datasetOf({ x, y }: Batch): ArrayDataset {
    const { network, spec } = this.#compiled;
    const { inputShape, outputShape } = network;
    if (this.#request.labelled === false) {
      const taken = examples('x', x, inputShape, true);
      checkInput(taken.shape, inputShape);
      return new ArrayDataset(taken, undefined, true);
    }
    return inMemory({ x, y: y! }, spec.loss!, inputShape, outputShape, true);
  }
}

/** Uses the batches of a stream for one pass, and closes its source. */
export async function withStream<T>(
  compiled: Compiled,
  stream: ExampleStream,
  request: StreamRequest,
  use: (batches: Batches) => Promise<T>,
): Promise<T> {
  const batches = new StreamBatches(compiled, stream, request);
  let result: T;
  try {
    result = await use(batches);
  } catch (error) {
    await batches.close().catch(() => {}); // the first error is the one that counts
    throw error;
  }
  await batches.close();
  return result;
}
