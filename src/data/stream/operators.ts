/**
 * The operators of datasets, as generators: each reads its source as far as it is asked to, and closes it when it is closed itself.
 * What reads ahead ends when its pass does, by the signal.
 */
import type { Random } from '../../random.ts';

/** Opens one pass over a source. @param pass its number, from 0 @param signal aborted when the pass ends */
export type Open<T> = (pass: number, signal: AbortSignal) => AsyncIterable<T>;

type Waiting<T> = T | PromiseLike<T>;

/** One call after another. */
export async function* mapped<T, U>(source: AsyncIterable<T>, change: (element: T, index: number) => Waiting<U>) {
  let index = 0;
  for await (const element of source) yield (await change(element, index++)) as U;
}

/** Up to `most` calls at once, whose results keep their order. */
export async function* mappedAtOnce<T, U>(
  open: Open<T>,
  pass: number,
  signal: AbortSignal,
  change: (element: T, index: number) => Waiting<U>,
  most: number,
): AsyncGenerator<U> {
  // Each result is wrapped, since a generator would await it before the next call begins.
  const begun: Open<{ result: Promise<U> }> = (...given) =>
    mapped(open(...given), (element, index) => {
      const result = (async () => change(element, index))();
      result.catch(() => {}); // it is thrown in its turn
      return { result };
    });
  for await (const { result } of ahead(begun, pass, signal, most - 1)) yield await result;
}

export async function* filtered<T>(source: AsyncIterable<T>, keeps: (element: T, index: number) => Waiting<boolean>) {
  let index = 0;
  for await (const element of source) if (await keeps(element, index++)) yield element;
}

/** Gives elements in a random order, out of a buffer that holds the next `size` ones. */
export async function* shuffled<T>(source: AsyncIterable<T>, size: number, random: Random): AsyncGenerator<T> {
  const buffer: T[] = [];
  for await (const element of source) {
    if (buffer.length < size) {
      buffer.push(element);
      continue;
    }
    const at = random.below(size);
    const drawn = buffer[at]!;
    buffer[at] = element;
    yield drawn;
  }
  while (buffer.length > 0) {
    const at = random.below(buffer.length);
    const drawn = buffer[at]!;
    buffer[at] = buffer.at(-1)!;
    buffer.pop();
    yield drawn;
  }
}

/** Lists of `size` elements. The last one may be shorter, or is left out. */
export async function* grouped<T>(source: AsyncIterable<T>, size: number, dropRemainder: boolean) {
  let group: T[] = [];
  for await (const element of source) {
    group.push(element);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0 && !dropRemainder) yield group;
}

/** The first elements. It reads none behind them. */
export async function* taken<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count;
  if (left === 0) return;
  for await (const element of source) {
    yield element;
    if (--left === 0) return;
  }
}

export async function* skipped<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count;
  for await (const element of source) if (left-- <= 0) yield element;
}

/** Passes one after another. Those of a repetition have numbers of their own, so that each is shuffled in its own way. */
export async function* repeated<T>(open: Open<T>, pass: number, signal: AbortSignal, times: number): AsyncGenerator<T> {
  for (let i = 0; i < times; i++) {
    let isEmpty = true;
    for await (const element of open(times === Number.POSITIVE_INFINITY ? pass + i : pass * times + i, signal)) {
      isEmpty = false;
      yield element;
    }
    if (isEmpty) return; // which would go on for ever
  }
}

/** Reads up to `most` elements in the background, one after another, before they are asked for. */
export async function* ahead<T>(open: Open<T>, pass: number, signal: AbortSignal, most: number): AsyncGenerator<T> {
  const own = new AbortController();
  const end = () => own.abort(signal.reason);
  signal.addEventListener('abort', end);
  const iterator = open(pass, own.signal)[Symbol.asyncIterator]();
  const queue: Promise<IteratorResult<T>>[] = [];
  let last: Promise<IteratorResult<T> | undefined> = Promise.resolve(undefined);
  /** Reads that have not ended. */
  let reading = 0;
  const read = () => {
    reading++;
    const next = last.then((before): Waiting<IteratorResult<T>> => {
      const isOver = before?.done || own.signal.aborted;
      return isOver ? { done: true, value: undefined } : iterator.next();
    });
    const settled = () => {
      reading--;
    };
    next.then(settled, settled);
    last = next;
    queue.push(next);
  };
  try {
    for (let i = 0; i < most; i++) read();
    while (true) {
      if (queue.length === 0) read();
      const { done, value } = await queue.shift()!;
      if (done) return;
      if (queue.length < most) read();
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', end);
    own.abort();
    await closed(iterator, reading > 0);
  }
}

/**
 * Closes an iterator. While it reads, it closes once that has ended, which may be never: then nothing waits for it.
 * @param isReading whether a call of its `next` has not ended
 */
export async function closed(iterator: AsyncIterator<unknown>, isReading: boolean): Promise<void> {
  const closing = iterator.return?.();
  if (isReading) closing?.catch(() => {});
  else await closing;
}
