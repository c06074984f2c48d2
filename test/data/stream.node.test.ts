/** Datasets that stream: their operators, without a model. */
import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError, dataset, NDArray, ndarray, ShapeError } from '../../src/index.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

async function all<T>(elements: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const element of elements) list.push(element);
  return list;
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A source that counts what was read of it and how often it was closed. */
function counted(count: number, slow = false) {
  const seen = { opened: 0, read: 0, closed: 0, running: 0 };
  const source = async function* () {
    seen.opened++;
    try {
      for (let i = 0; i < count; i++) {
        if (slow) await turn();
        seen.read++;
        yield i;
      }
    } finally {
      seen.closed++;
    }
  };
  return { seen, elements: dataset(source) };
}

describe('sources', () => {
  const wanted = [0, 1, 2];

  test.each<[string, () => Parameters<typeof dataset<number>>[0]]>([
    ['a list', () => wanted],
    ['a set', () => new Set(wanted)],
    ['a list of promises', () => wanted.map((i) => Promise.resolve(i))],
    ['a function that returns a list', () => () => wanted],
    ['a function that promises a list', () => async () => wanted],
    ['a generator function', () => () => wanted.values()],
    [
      'an async generator function',
      () =>
        async function* () {
          yield* wanted;
        },
    ],
    [
      'a stream of the platform',
      () => () =>
        new ReadableStream<number>({
          start(to) {
            for (const i of wanted) to.enqueue(i);
            to.close();
          },
        }) as never,
    ],
    ['another dataset', () => dataset(wanted)],
  ])('%s', async (_, source) => {
    const made = dataset(source());
    expect(await all(made)).toEqual(wanted);
    expect(await all(made), 'again').toEqual(wanted);
  });

  test('a generator that runs gives its elements once, and then says what to write', async () => {
    const made = dataset(
      (function* () {
        yield* wanted;
      })(),
    );
    expect(await all(made)).toEqual(wanted);
    await expect(all(made)).rejects.toThrow(/can be read only once.*dataset\(\(\) => source\(\)\)/);
    await expect(all(made)).rejects.toThrow(DataError);
  });

  test('a function gets the number of the pass, and a signal that tells its end', async () => {
    const given: [number, AbortSignal][] = [];
    const made = dataset((epoch, signal) => {
      given.push([epoch, signal]);
      return wanted;
    });
    await all(made);
    await all(made.take(1));
    await all(made);
    expect(given.map(([epoch]) => epoch)).toEqual([0, 0, 1]); // `take` makes another dataset, which counts its own
    expect(given.map(([, { aborted }]) => aborted)).toEqual([true, true, true]);
  });

  test.each([
    ['nothing', undefined],
    ['a number', 3],
    ['a text', 'abc'],
    ['data in memory', { x: [[1]], y: [0] }],
  ])('%s is no source', (what, source) => {
    const make = () => dataset(source as never);
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(/^dataset: source must be an iterable or async iterable, or a function that returns one, got/);
    if (what === 'data in memory') expect(make).toThrow(/fit\(\{ x, y \}\)/);
  });

  test('nor is a function that returns none', async () => {
    await expect(all(dataset((() => 3) as never))).rejects.toThrow(/^dataset: what the function returns must be/);
  });
});

describe('operators', () => {
  const ten = dataset(numbers(10));

  test('map, filter, take, skip, repeat', async () => {
    expect(await all(ten.map((i) => 2 * i))).toEqual(numbers(10).map((i) => 2 * i));
    expect(await all(ten.map(async (i, at) => [i, at]))).toEqual(numbers(10).map((i) => [i, i]));
    expect(await all(ten.filter((i) => i % 3 === 0))).toEqual([0, 3, 6, 9]);
    expect(await all(ten.filter(async (_, at) => at > 7))).toEqual([8, 9]);
    expect(await all(ten.take(3))).toEqual([0, 1, 2]);
    expect(await all(ten.take(0))).toEqual([]);
    expect(await all(ten.take(99))).toEqual(numbers(10));
    expect(await all(ten.skip(8))).toEqual([8, 9]);
    expect(await all(ten.skip(99))).toEqual([]);
    expect(await all(ten.take(2).repeat(3))).toEqual([0, 1, 0, 1, 0, 1]);
    expect(await all(ten.take(3).repeat().take(7))).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(await all(ten.take(0).repeat())).toEqual([]);
    expect(await all(ten.prefetch(4))).toEqual(numbers(10));
  });

  test('what repeats without end says so, whatever follows, until a part of it is taken', () => {
    const endless = ten.repeat();
    const more = [
      endless.map(String),
      endless.filter(Boolean),
      endless.shuffle(3),
      endless.skip(3),
      endless.prefetch(3),
    ];
    const batches = endless.map((x) => ({ x })).batch(2);
    for (const each of [endless, ...more, batches, endless.repeat(2), ten.take(3).repeat()])
      expect(each.isEndless).toBe(true);
    for (const each of [ten, ten.repeat(3), endless.take(9), endless.take(9).repeat(2), batches.take(1)])
      expect(each.isEndless).toBe(false);
  });

  test('nothing is read before somebody asks, and no more than is asked for', async () => {
    const { seen, elements } = counted(100);
    const made = elements
      .map((i) => i)
      .filter(() => true)
      .shuffle(5)
      .take(3)
      .skip(1);
    await turn();
    expect(seen).toMatchObject({ opened: 0, read: 0 });
    await all(made);
    expect(seen.read).toBe(8); // 5 in the buffer, and one for each of the three
    const direct = counted(100);
    await all(direct.elements.take(3));
    expect(direct.seen.read).toBe(3);
  });

  test.each([1, 2, 5])('prefetch(%i) reads as many ahead, and no more', async (count) => {
    const { seen, elements } = counted(100);
    let taken = 0;
    for await (const i of elements.prefetch(count)) {
      expect(i).toBe(taken++);
      await turn();
      expect(seen.read).toBe(taken + count);
      if (taken === 4) break;
    }
    expect(seen.closed).toBe(1);
  });

  test.each([1, 2, 4])('map calls its function at most %i times at once, and keeps the order', async (concurrency) => {
    const { seen, elements } = counted(20);
    let [running, most] = [0, 0];
    const slow = async (i: number) => {
      most = Math.max(most, ++running);
      for (let k = 0; k < (7 * i) % 5; k++) await turn(); // later ones may end first
      running--;
      return i;
    };
    expect(await all(elements.map(slow, { concurrency }))).toEqual(numbers(20));
    expect(most).toBe(concurrency);
    expect(seen.closed).toBe(1);
  });

  test('an error of a concurrent map comes in its turn, and ends it', async () => {
    const { seen, elements } = counted(20);
    const own = new Error('mine');
    const got: number[] = [];
    const made = elements.map(
      async (i) => {
        if (i === 5) throw own;
        await turn();
        return i;
      },
      { concurrency: 4 },
    );
    const run = async () => {
      for await (const i of made) got.push(i);
    };
    await expect(run()).rejects.toBe(own);
    expect(got).toEqual(numbers(5));
    expect(seen.closed).toBe(1);
  });

  test.each<[string, (elements: ReturnType<typeof counted>['elements']) => AsyncIterable<unknown>]>([
    ['map', (all) => all.map((i) => i)],
    ['a concurrent map', (all) => all.map((i) => i, { concurrency: 3 })],
    ['filter', (all) => all.filter(() => true)],
    ['shuffle', (all) => all.shuffle(4)],
    ['batch', (all) => all.map((x) => ({ x })).batch(4)],
    ['take', (all) => all.take(10)],
    ['skip', (all) => all.skip(10)],
    ['repeat', (all) => all.repeat()],
    ['prefetch', (all) => all.prefetch(3)],
    [
      'all of them',
      (all) =>
        all
          .shuffle(4)
          .map((x) => ({ x }), { concurrency: 2 })
          .batch(2)
          .prefetch(2)
          .repeat(),
    ],
  ])('%s closes the source when it is left, and when what uses it fails', async (_, make) => {
    for (const end of ['break', 'throw']) {
      const { seen, elements } = counted(1000);
      const own = new Error('mine');
      const use = async () => {
        for await (const _ of make(elements)) {
          if (end === 'break') return;
          throw own;
        }
      };
      if (end === 'throw') await expect(use()).rejects.toBe(own);
      else await use();
      await turn(); // what was being read ahead ends first
      expect(seen).toMatchObject({ opened: 1, closed: 1 });
      const { read } = seen;
      await turn();
      expect(seen.read, 'nothing is read any more').toBe(read);
      expect(read).toBeLessThan(20);
    }
  });

  test('while a source is slow, prefetch can be left; the source closes when it has given what it was asked for', async () => {
    let go = () => {};
    let isClosed = false;
    const made = dataset(async function* () {
      try {
        yield 0;
        yield 1;
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        yield 2;
        yield 3;
      } finally {
        isClosed = true;
      }
    }).prefetch(3);
    for await (const i of made) {
      await turn();
      if (i === 1) break; // which does not wait
    }
    expect(isClosed).toBe(false);
    go();
    await turn();
    expect(isClosed).toBe(true);
  });

  test('errors of sources and functions come as they are', async () => {
    const own = new TypeError('mine');
    const fails = () => {
      throw own;
    };
    for (const made of [
      dataset(fails),
      ten.map(fails),
      ten.filter(fails),
      ten.map(fails, { concurrency: 2 }),
      ten.map(async () => fails()).prefetch(2),
    ]) {
      await expect(all(made.shuffle(3))).rejects.toBe(own);
    }
  });

  test.each<[string, () => unknown, RegExp]>([
    ['map', () => ten.map(3 as never), /^map: change must be a function, got 3/],
    ['map', () => ten.map((i) => i, { concurrency: 0 }), /^map: concurrency must be an integer of at least 1/],
    ['map', () => ten.map((i) => i, { paralel: 2 } as never), /^map: there is no option 'paralel'/],
    ['filter', () => ten.filter(undefined as never), /^filter: keeps must be a function/],
    ['shuffle', () => ten.shuffle(0), /^shuffle: size must be an integer of at least 1/],
    ['shuffle', () => ten.shuffle(3, { seed: 0.5 }), /^shuffle: seed must be an integer/],
    ['shuffle', () => ten.shuffle(3, 7 as never), /^shuffle: options must be an object, such as \{ seed: … \}/],
    ['batch', () => ten.map((x) => ({ x })).batch(1.5), /^batch: size must be an integer of at least 1/],
    ['batch', () => ten.map((x) => ({ x })).batch(2, { dropRemainder: 1 as never }), /^batch: dropRemainder must be/],
    ['take', () => ten.take(-1), /^take: count must be an integer of at least 0/],
    ['skip', () => ten.skip(Number.NaN), /^skip: count must be an integer of at least 0/],
    ['repeat', () => ten.repeat(0), /^repeat: times must be an integer of at least 1/],
    ['prefetch', () => ten.prefetch(0), /^prefetch: count must be an integer of at least 1/],
  ])('%s refuses what it cannot take', (_, call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});

describe('shuffle', () => {
  const hundred = dataset(numbers(100));

  test.each([1, 7, 100, 1000])('with a buffer of %i is a permutation', async (size) => {
    const order = await all(hundred.shuffle(size));
    expect(order.toSorted((a, b) => a - b)).toEqual(numbers(100));
    if (size === 1) expect(order).toEqual(numbers(100));
    else expect(order).not.toEqual(numbers(100));
    // The element at a place comes out of the first `size` behind it.
    for (const [at, i] of order.entries()) expect(i).toBeLessThanOrEqual(at + size - 1);
  });

  test('has another order for each seed and each epoch, and the same ones for the same seed', async () => {
    const orders = async (seed?: number) => {
      const made = hundred.shuffle(50, seed === undefined ? {} : { seed });
      return [await all(made), await all(made), await all(made)];
    };
    const [a, b, again, byDefault, zero] = await Promise.all([orders(1), orders(2), orders(1), orders(), orders(0)]);
    expect(again).toEqual(a);
    expect(byDefault).toEqual(zero);
    expect(new Set([...a!, ...b!].map(String)).size).toBe(6);
  });

  test('is shuffled anew in each repetition', async () => {
    const both = await all(hundred.shuffle(100).repeat(2));
    expect(both.slice(0, 100)).not.toEqual(both.slice(100));
  });

  test('draws all orders of few elements equally often', async () => {
    const counts: Record<string, number> = {};
    for (let seed = 0; seed < 6000; seed++) {
      const order = String(await all(dataset([0, 1, 2]).shuffle(3, { seed })));
      counts[order] = (counts[order] ?? 0) + 1;
    }
    expect(Object.keys(counts)).toHaveLength(6);
    // The standard deviation of each count is 29: five of them.
    for (const count of Object.values(counts)) expect(Math.abs(count - 1000)).toBeLessThan(145);
  });
});

describe('batch', () => {
  const one = (i: number) => ({ x: ndarray([i, i + 0.5]), y: i });

  test('makes arrays of examples, the last one smaller', async () => {
    const batches = await all(dataset(numbers(7)).map(one).batch(3));
    expect(batches.map(({ x }) => (x as NDArray).shape)).toEqual([
      [3, 2],
      [3, 2],
      [1, 2],
    ]);
    expect([...(batches[1]!.x as NDArray).data]).toEqual([3, 3.5, 4, 4.5, 5, 5.5]);
    expect(batches.map(({ y }) => y)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(await all(dataset(numbers(7)).map(one).batch(3, { dropRemainder: true }))).toHaveLength(2);
    expect(dataset(numbers(7)).map(one).batch(3).prefetch(1).batchSize).toBe(3);
  });

  test.each<[string, unknown, string, number[]]>([
    ['numbers', 3, 'float32', []],
    [
      'lists',
      [
        [1, 2],
        [3, 4],
      ],
      'float32',
      [2, 2],
    ],
    ['bytes', Uint8Array.of(1, 2, 3), 'uint8', [3]],
    ['clamped bytes', Uint8ClampedArray.of(1, 2, 3), 'uint8', [3]],
    ['integers of 16 bits with a shape', { data: Int16Array.of(1, 2), shape: [1, 2] }, 'int16', [1, 2]],
    ['a list with a shape', { data: [1, 2], shape: [2, 1] }, 'float32', [2, 1]],
    ['an array', ndarray([1, 2, 3]), 'int64', [3]],
  ])('keeps the type of %s', async (_, x, dtype, shape) => {
    const [batch] = await all(dataset([{ x }, { x }] as { x: number }[]).batch(2));
    expect(batch!.x).toBeInstanceOf(NDArray);
    expect(batch!.x).toMatchObject({ shape: [2, ...shape], dtype });
    expect(batch).not.toHaveProperty('y');
  });

  test('lists pictures, and takes targets with a shape and weights', async () => {
    const picture = { data: new Uint8Array(16), width: 2, height: 2 };
    const [batch] = await all(dataset([1, 2].map((i) => ({ x: picture, y: [0, i], sampleWeight: i }))).batch(2));
    expect(batch!.x).toEqual([picture, picture]);
    expect(batch!.y).toMatchObject({ shape: [2, 2], dtype: 'float32', data: Float32Array.of(0, 1, 0, 2) });
    expect(batch!.sampleWeight).toEqual([1, 2]);
  });

  test.each<[string, object[], new (message: string) => Error, RegExp]>([
    ['what is no example', [[1, 2]], DataError, /gives examples \{ x, y \} or batches of them, got \[1,2\]/],
    [
      'examples of two shapes',
      [{ x: [1] }, { x: [1, 2] }],
      ShapeError,
      /x of its example 1 has the shape \[2\], that of example 0 \[1\]/,
    ],
    ['ragged lists', [{ x: [[1, 2], [3]] }], ShapeError, /x of its example 0 has 3 numbers; its shape \[2, 2\] has 4/],
    ['labels of some only', [{ x: 1, y: 0 }, { x: 2 }], DataError, /1 of its 2 examples have y; all must, or none/],
    ['texts', [{ x: ['a'] }], DataError, /x holds 'a', which is no number/],
    ['names as labels', [{ x: 1, y: 'cat' }], DataError, /y must be numbers with a shape, got 'cat'/],
  ])('refuses %s', async (_, elements, Kind, message) => {
    const batches = all(dataset(elements as { x: number }[]).batch(4));
    await expect(batches).rejects.toThrow(message);
    await expect(batches).rejects.toThrow(Kind);
  });
});
