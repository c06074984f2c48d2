/** Reads the batches of a dataset for a run of a model: the next one while the GPU computes, from any place on. */
import { DataError, NeuriteError } from '../../errors.ts';
import type { Shape } from '../../tensor.ts';
import { type Batch, collate, type Example, isExample, type MadeBatch } from './elements.ts';
import { closed, type Open } from './operators.ts';

/** A place between two batches. */
export interface StreamPlace {
  /** Number of the pass, from 0. */
  readonly pass: number;
  /** Batches of the pass before it. */
  readonly batch: number;
}

export interface BatchRequest<B> {
  /** Shape of the input of one example, which tells examples from batches. */
  readonly inputShape: Shape;
  /** Examples of a batch that is made of single ones. */
  readonly size: number;
  /** Where to begin: the batches before are read and left out. */
  readonly from: StreamPlace;
  /** Whether another pass follows when one has ended. */
  readonly endless: boolean;
  /** Number of batches, the last ones, that may be asked for again. */
  readonly keep: number;
  /** Makes of a batch what the run needs, in one or several parts. @param at number of the batch in its pass, from 0 */
  readonly make: (batch: Batch | MadeBatch, at: number) => Promise<readonly B[]>;
}

/** A batch, and the place behind it. */
interface Read<B> {
  readonly made: B;
  readonly place: StreamPlace;
}

const ONCE =
  'If it gave some in another epoch, it can be read only once: give dataset a function that returns a new one for each epoch.';

/** Batches in order, each read when it is asked for or, after `readAhead`, before. */
export class BatchReader<B> {
  /** Where the next batch is read, behind the last that was given. */
  place: StreamPlace;
  readonly #iterator: AsyncGenerator<Read<B>, void, undefined>;
  readonly #pass = new AbortController();
  readonly #keep: number;
  readonly #kept: B[] = [];
  /** Batches that were given. */
  #given = 0;
  #next: Promise<IteratorResult<Read<B>, void>> | undefined;
  #isReading = false;

  constructor(open: Open<Example | Batch>, request: BatchRequest<B>) {
    this.place = request.from;
    this.#keep = request.keep;
    this.#iterator = batches(open, this.#pass.signal, request);
  }

  /** Batches that were given so far. */
  get given(): number {
    return this.#given;
  }

  /**
   * A batch, undefined behind the last one.
   * @param at its number, from 0: the next one, or one of the last `keep`
   * @throws DataError if the source fails, with its error as the cause
   */
  async batch(at: number): Promise<B | undefined> {
    if (at < this.#given) return this.#kept[this.#kept.length - (this.#given - at)];
    this.#next ??= this.#read();
    const { done, value } = await this.#next;
    if (done) return undefined;
    this.#next = undefined;
    this.#given++;
    this.place = value.place;
    if (this.#kept.push(value.made) > this.#keep) this.#kept.shift();
    return value.made;
  }

  /** Begins to read the next batch. */
  readAhead(): void {
    this.#next ??= this.#read();
    this.#next.catch(() => {}); // it is thrown when the batch is asked for
  }

  /** Closes the source. If it is being read, this happens once that has ended, and nothing waits for it. */
  async close(): Promise<void> {
    this.#pass.abort();
    await closed(this.#iterator, this.#isReading);
  }

  async #read() {
    this.#isReading = true;
    try {
      return await this.#iterator.next();
    } catch (cause) {
      if (cause instanceof NeuriteError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(`the dataset could not be read: ${why}`, { cause });
    } finally {
      this.#isReading = false;
    }
  }
}

async function* batches<B>(
  open: Open<Example | Batch>,
  signal: AbortSignal,
  { inputShape, size, from, endless, make }: BatchRequest<B>,
): AsyncGenerator<Read<B>, void, undefined> {
  let skip = from.batch;
  for (let { pass } = from; ; pass++) {
    let at = 0;
    for await (const batch of gathered(open(pass, signal), inputShape, size)) {
      at++;
      if (skip > 0) skip--;
      else for (const made of await make(batch, at - 1)) yield { made, place: { pass, batch: at } };
    }
    if (at === 0 && !signal.aborted) throw new DataError(`the dataset is empty: it gave no examples. ${ONCE}`);
    if (endless && !signal.aborted) continue;
    if (skip > 0 && !signal.aborted) {
      throw new DataError(
        `the dataset ended after ${at} batches, and training goes on after batch ${from.batch}: it must give the same batches again.`,
      );
    }
    return;
  }
}

/** Batches as they come, and single examples in batches of `size`. */
async function* gathered(source: AsyncIterable<Example | Batch>, inputShape: Shape, size: number) {
  let examples: Example[] = [];
  for await (const element of source) {
    const isSingle = isExample(element, inputShape);
    if (isSingle) examples.push(element);
    if (examples.length > 0 && (examples.length === size || !isSingle)) {
      yield collate(examples);
      examples = [];
    }
    if (!isSingle) yield element;
  }
  if (examples.length > 0) yield collate(examples);
}
