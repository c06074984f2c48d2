/** `dataset`: examples that come one after another from any source, as many as there are, and what can be done with them on the way. */
import { ArgumentError, DataError } from '../../errors.ts';
import { came, check, checkOptions, type Kind } from '../../options.ts';
import { Random } from '../../random.ts';
import { shown } from '../../shown.ts';
import { BatchReader, type BatchRequest } from './batchReader.ts';
import { type Batch, collate, type Example, type MadeBatch } from './elements.ts';
import {
  ahead,
  filtered,
  grouped,
  mapped,
  mappedAtOnce,
  type Open,
  repeated,
  shuffled,
  skipped,
  taken,
} from './operators.ts';

/** What gives elements one after another: an array, a generator, a stream of the browser, … */
export type Elements<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T>;

/**
 * A source of elements: what gives them, or a function that returns it anew for each pass.
 * @param epoch number of the pass, from 0
 * @param signal aborted when the pass ends, even if that is before its last element; `fetch` takes it
 */
export type Source<T> = Elements<T> | ((epoch: number, signal: AbortSignal) => Elements<T> | PromiseLike<Elements<T>>);

export interface MapOptions {
  /** Calls that may run at once. Results keep their order. Default 1: one call after another. */
  readonly concurrency?: number;
}

export interface ShuffleOptions {
  /** An integer. The same seed gives the same orders. Default 0. */
  readonly seed?: number;
}

export interface BatchOptions {
  /** Whether to leave out a last batch that is not full. Default false. */
  readonly dropRemainder?: boolean;
}

/** The type of each option, for `checkOptions`. */
export const MAP_OPTIONS = { concurrency: 'count' } as const satisfies Record<keyof MapOptions, Kind>;
export const SHUFFLE_OPTIONS = { seed: 'integer' } as const satisfies Record<keyof ShuffleOptions, Kind>;
export const BATCH_OPTIONS = { dropRemainder: 'boolean' } as const satisfies Record<keyof BatchOptions, Kind>;

/**
 * Elements that come one after another; `fit`, `evaluate` and `predict` take those that are examples or batches. Nothing is read
 * before somebody asks. Each method returns another dataset and leaves this one as it is. An element must stay as it is once it was
 * given: make a new array for each.
 */
export class StreamedDataset<T> implements AsyncIterable<T> {
  /** Examples of a batch, if `batch` has made batches. */
  readonly batchSize: number | undefined;
  /** @internal Whether it repeats without end. Whether its source ends, nobody knows. */
  readonly isEndless: boolean;
  readonly #open: Open<T>;
  #passes = 0;

  /** @internal Made by `dataset`. */
  constructor(open: Open<T>, batchSize?: number, isEndless = false) {
    this.#open = open;
    this.batchSize = batchSize;
    this.isEndless = isEndless;
  }

  /** Reads all elements once; each time it begins anew, as another epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const pass = new AbortController();
    try {
      yield* this.#open(this.#passes++, pass.signal);
    } finally {
      pass.abort();
    }
  }

  /** Puts in place of each element what a function makes of it; it may return a promise. @param change gets the element and its number */
  map<U>(change: (element: T, index: number) => U | PromiseLike<U>, options: MapOptions = {}): StreamedDataset<U> {
    check('map', 'change', change, 'function');
    const { concurrency = 1 } = checkOptions('map', options, MAP_OPTIONS);
    return this.#with((pass, signal) =>
      concurrency === 1
        ? mapped(this.#open(pass, signal), change)
        : mappedAtOnce(this.#open, pass, signal, change, concurrency),
    );
  }

  /** Leaves out the elements for which a function gives `false`, or a promise of it. */
  filter(keeps: (element: T, index: number) => boolean | PromiseLike<boolean>): StreamedDataset<T> {
    check('filter', 'keeps', keeps, 'function');
    return this.#with((pass, signal) => filtered(this.#open(pass, signal), keeps));
  }

  /**
   * Gives elements in random order, drawn from a buffer that holds the next `size` of them. A buffer as large as the dataset makes
   * every order equally likely. Each epoch has an order of its own, and the seed decides on all of them.
   */
  shuffle(size: number, options: ShuffleOptions = {}): StreamedDataset<T> {
    check('shuffle', 'size', size, 'count');
    const { seed = 0 } = checkOptions('shuffle', options, SHUFFLE_OPTIONS);
    return this.#with((pass, signal) => shuffled(this.#open(pass, signal), size, new Random(seed, pass)));
  }

  /**
   * Makes batches of examples: `x` is an array `[size, …]` or a list of pictures, `y` a list of numbers or an array `[size, …]`. The last batch
   * may be smaller. Without it `fit` makes batches of its option `batchSize`.
   */
  batch(this: StreamedDataset<Example>, size: number, options: BatchOptions = {}): StreamedDataset<MadeBatch> {
    check('batch', 'size', size, 'count');
    const { dropRemainder = false } = checkOptions('batch', options, BATCH_OPTIONS);
    return new StreamedDataset(
      (pass, signal) => mapped(grouped(this.#open(pass, signal), size, dropRemainder), collate),
      size,
      this.isEndless,
    );
  }

  /** The first elements. */
  take(count: number): StreamedDataset<T> {
    check('take', 'count', count, 'countFrom0');
    return this.#with((pass, signal) => taken(this.#open(pass, signal), count), false);
  }

  /** All elements but the first. They are read all the same. */
  skip(count: number): StreamedDataset<T> {
    check('skip', 'count', count, 'countFrom0');
    return this.#with((pass, signal) => skipped(this.#open(pass, signal), count));
  }

  /** Reads the dataset several times, as one. @param times default: without end, for which `fit` needs `stepsPerEpoch` */
  repeat(times = Number.POSITIVE_INFINITY): StreamedDataset<T> {
    const isEndless = times === Number.POSITIVE_INFINITY;
    if (!isEndless) check('repeat', 'times', times, 'count');
    return this.#with((pass, signal) => repeated(this.#open, pass, signal, times), isEndless || this.isEndless);
  }

  /** Reads up to `count` elements in the background before they are asked for. A model by itself reads one batch ahead. */
  prefetch(count: number): StreamedDataset<T> {
    check('prefetch', 'count', count, 'count');
    return this.#with((pass, signal) => ahead(this.#open, pass, signal, count));
  }

  /** @internal The batches of a run of a model. */
  readBatches<B>(this: StreamedDataset<Example | Batch>, request: BatchRequest<B>): BatchReader<B> {
    return new BatchReader(this.#open, request);
  }

  /** @internal Another operator. */
  through<U>(make: (open: Open<T>) => Open<U>): StreamedDataset<U> {
    return this.#with(make(this.#open));
  }

  #with<U>(open: Open<U>, isEndless = this.isEndless): StreamedDataset<U> {
    return new StreamedDataset(open, this.batchSize, isEndless);
  }
}

/**
 * Makes a dataset of anything that gives elements one after another: an iterable or async iterable, or a function that returns one anew.
 * Only what begins anew can be read in several epochs; a generator that runs cannot, so give its function: `dataset(examples)`, not
 * `dataset(examples())`.
 * @throws ArgumentError for what gives no elements
 */
export function dataset<T>(source: Source<T> | StreamedDataset<T>): StreamedDataset<T> {
  if (source instanceof StreamedDataset) return source;
  if (typeof source === 'function') {
    return new StreamedDataset(async function* (pass, signal) {
      const given = await source(pass, signal);
      checkElements('dataset: what the function returns', given);
      yield* untilAborted(given, signal);
    });
  }
  checkElements('dataset: source', source, ', or a function that returns one');
  let isUsed = false;
  return new StreamedDataset(async function* (_, signal) {
    if (isUsed && 'next' in source) {
      throw new DataError(
        `the dataset's source, ${shown(source)}, can be read only once. Give dataset a function that returns a new one for each epoch: dataset(() => source()).`,
      );
    }
    isUsed = true;
    yield* untilAborted(source, signal);
  });
}

/** @throws ArgumentError for what gives no elements one after another */
function checkElements(what: string, value: unknown, or = ''): void {
  const { x, y } = Object(value);
  const given = Object(value);
  const isList = typeof given[Symbol.asyncIterator] === 'function' || typeof given[Symbol.iterator] === 'function';
  if (isList && typeof value === 'object') return;
  const hint = x !== undefined && y !== undefined ? ' Data in memory need no dataset: fit({ x, y }).' : '';
  throw new ArgumentError(`${what} must be an iterable or async iterable${or}, ${came(value)}${hint}`);
}

/** The elements of a source, which is closed in mid-pass when the signal is aborted: an operator may be about to read on. */
async function* untilAborted<T>(source: Elements<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const element of source) {
    if (signal.aborted) return;
    yield element as T;
  }
}
