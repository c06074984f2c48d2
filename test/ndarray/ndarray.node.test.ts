/** Host arrays: numpy's texts, its index syntax, reshape, transpose, argMax and arange, and what is refused. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { ArgumentError, arange, DataError, NDArray, ndarray, ShapeError } from '../../src/index.ts';
import { NUMPY_TEXTS } from './numpyTexts.ts';

const lists = (array: NDArray): unknown => {
  if (array.ndim === 0) return array.item();
  return Array.from({ length: array.shape[0]! }, (_, i) => lists(array.slice(`${i}`)));
};

describe("the text of numpy's print", () => {
  test.each(NUMPY_TEXTS)('%s: %s', (_, __, make, text) => {
    expect(String(make())).toBe(text);
  });

  test('print writes it to the console', () => {
    const { log } = console;
    const written: unknown[] = [];
    console.log = (...texts) => void written.push(...texts);
    try {
      arange(4).reshape(2, 2).print();
    } finally {
      console.log = log;
    }
    expect(written).toEqual(['[[0 1]\n [2 3]]']);
  });
});

describe('asType', () => {
  test('converts as typed arrays do, into memory of its own', () => {
    const whole = ndarray([
      [0, 1],
      [2, 3],
    ]);
    const floats = whole.asType('float32');
    expectTypeOf(floats).toEqualTypeOf<NDArray<Float32Array<ArrayBuffer>>>();
    expect([floats.dtype, floats.shape, [...floats.data]]).toEqual(['float32', [2, 2], [0, 1, 2, 3]]);
    expect(floats.data).toBeInstanceOf(Float32Array);
    const same = floats.asType('float32');
    same.data[0] = 9;
    expect(floats.data[0]).toBe(0);
    const mixed = ndarray([-1.5, 0, 0.25, 300]);
    expect([...mixed.asType('int32').data]).toEqual([-1, 0, 0, 300]);
    expect([...mixed.asType('int64').data].map((value) => value + 0)).toEqual([-1, 0, 0, 300]);
    expect([...mixed.asType('uint8').data]).toEqual([255, 0, 0, 44]);
    expect(String(mixed.asType('bool'))).toBe('[ True False  True  True]');
    expect([...ndarray(Float32Array.of(0.1)).asType('float64').data]).toEqual([Math.fround(0.1)]);
    expect(() => whole.asType('float16' as never)).toThrow(ArgumentError);
    expect(() => whole.asType('float' as never)).toThrow(/asType: dtype must be 'float32', 'float64', .* got 'float'/);
  });
});

describe('ndarray', () => {
  test('of a typed array shares its memory', () => {
    const data = Float32Array.of(1, 2, 3, 4);
    const array = ndarray(data, [2, 2]);
    data[3] = 5;
    expect(lists(array)).toEqual([
      [1, 2],
      [3, 5],
    ]);
    expect([array.dtype, array.ndim, array.size]).toEqual(['float32', 2, 4]);
  });

  test('of what predict returns', () => {
    const predicted = { data: Float32Array.of(0.5, 2, 1, -1), shape: [2, 2] };
    expect([...ndarray(predicted).argMax(1).data]).toEqual([1, 0]);
    expect(ndarray(predicted, [4]).shape).toEqual([4]);
    expect(ndarray(ndarray(predicted)).dtype).toBe('float32');
  });

  test('the element type of lists', () => {
    expect(ndarray([1, 2]).dtype).toBe('int64');
    expect(ndarray([1, 2.5]).dtype).toBe('float64');
    expect(ndarray([true, false]).dtype).toBe('bool');
    expect(ndarray([true, 2]).dtype).toBe('int64');
    expect(ndarray([]).dtype).toBe('float64');
    expect(ndarray(new Uint8ClampedArray(2)).dtype).toBe('uint8');
    expect(ndarray([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
    expect(ndarray([[[1], [2]]]).shape).toEqual([1, 2, 1]);
  });

  test('what it refuses', () => {
    expect(() => ndarray(Float32Array.of(1, 2), [3])).toThrow('ndarray: shape [3] has 3 elements, data has 2.');
    expect(() => ndarray(Float32Array.of(1, 2), [-2])).toThrow(ShapeError);
    expect(() => ndarray(Float32Array.of(1, 2), 2 as never)).toThrow(ArgumentError);
    expect(() => ndarray([[1, 2], [3]])).toThrow('lists beside each other must have one shape, got [2] and [1].');
    expect(() => ndarray([1, '2'] as never)).toThrow(DataError);
    expect(() => ndarray('12' as never)).toThrow(DataError);
    expect(() => ndarray(undefined as never)).toThrow(DataError);
    expect(() => ndarray(new BigInt64Array(2) as never)).toThrow(DataError);
    expect(() => ndarray(new DataView(new ArrayBuffer(8)) as never)).toThrow(DataError);
  });
});

describe('slice', () => {
  const x = arange(24).reshape(2, 3, 4);

  test.each([
    ['1', [3, 4]],
    ['[1]', [3, 4]],
    ['1,', [3, 4]],
    ['...', [2, 3, 4]],
    ['0, ...', [3, 4]],
    ['..., 0', [2, 3]],
    ['0, 0, ..., 0', []],
    [':, None', [2, 1, 3, 4]],
    ['..., np.newaxis', [2, 3, 4, 1]],
    ['::-1, 1 : 3 , : : 2', [2, 2, 2]],
    ['-100:100, 5:1, 3:0:-1', [2, 0, 3]],
  ])('[%s]', (index, shape) => {
    expect(x.slice(index).shape).toEqual(shape);
  });

  test('leaves the array as it is, and shares no memory with its part', () => {
    const part = x.slice(':, 1');
    part.data[0] = -1;
    expect([...x.data]).toEqual([...arange(24).data]);
  });

  test.each([
    ['2', ArgumentError, 'index 2 is out of bounds for axis 0, which has size 2.'],
    ['..., -5', ArgumentError, 'index -5 is out of bounds for axis 2, which has size 4.'],
    ['0, 0, 0, 0', ShapeError, "'0, 0, 0, 0' has 4 indices, the array [2, 3, 4] only 3 axes."],
    ['..., 0, ...', ArgumentError, "has '...' 2 times; it may stand there once."],
    ['::0', ArgumentError, 'the step cannot be 0.'],
    ['1.5', ArgumentError, "'1.5' is no index in '1.5'. An index is a whole number"],
    ['0, , 1', ArgumentError, "an index is missing in '0, , 1'."],
    ['a > 3', ArgumentError, "'a > 3' is no index"],
    ['[0, 1], 2', ArgumentError, 'is no index'],
    ['1:2:3:4', ArgumentError, "'1:2:3:4' is no index"],
  ])('refuses [%s]', (index, error, message) => {
    expect(() => x.slice(index)).toThrow(error);
    expect(() => x.slice(index)).toThrow(message);
  });

  test('refuses what is no text', () => {
    expect(() => x.slice(1 as never)).toThrow(ArgumentError);
    expect(() => x.slice('')).toThrow(ArgumentError);
  });
});

describe('reshape', () => {
  const x = arange(24);

  test('sizes one by one or as a list, one of them -1', () => {
    expect(x.reshape(4, 6).shape).toEqual([4, 6]);
    expect(x.reshape([2, -1, 3]).shape).toEqual([2, 4, 3]);
    expect(x.reshape(-1).shape).toEqual([24]);
    expect(ndarray([5]).reshape([]).shape).toEqual([]);
    expect(ndarray([]).reshape(0, 3).shape).toEqual([0, 3]);
  });

  test('shares the memory', () => {
    const data = Float32Array.of(1, 2, 3, 4);
    expect(ndarray(data).reshape(2, 2).data).toBe(data);
  });

  test.each([[[5, 5]], [[-1, -1]], [[-1, 7]], [[2.5, -1]], [[-2, -12]], [[-1, 0]]])('refuses %j', (shape) => {
    expect(() => x.reshape(shape)).toThrow(ShapeError);
  });
});

test('transpose', () => {
  const x = arange(6).reshape(1, 2, 3);
  expect(lists(x.transpose())).toEqual([[[0], [3]], [[1], [4]], [[2], [5]]]); // biome-ignore format: a block
  expect(x.transpose(0, 2, 1).shape).toEqual([1, 3, 2]);
  expect(x.transpose([-1, 0, 1]).shape).toEqual([3, 1, 2]);
  for (const axes of [
    [0, 1],
    [0, 1, 1],
    [0, 1, 3],
  ]) {
    expect(() => x.transpose(axes)).toThrow(ShapeError);
  }
});

test('argMax', () => {
  const x = ndarray([[3, 7, 7], [1, Number.NaN, 9]]); // biome-ignore format: a matrix
  expect(x.argMax()).toBe(4); // a NaN is the largest, as in numpy
  expect(lists(x.argMax(0))).toEqual([0, 1, 1]);
  expect(lists(x.argMax(-1))).toEqual([1, 1]);
  expect(ndarray([2, 5, 5]).argMax(0).item()).toBe(1);
  expect(ndarray(new Float32Array(0), [0, 3]).argMax(1).shape).toEqual([0]);
  expect(() => ndarray([]).argMax()).toThrow(ShapeError);
  expect(() => ndarray(new Float32Array(0), [0, 3]).argMax(0)).toThrow(ShapeError);
  expect(() => x.argMax(2)).toThrow('argMax: [2, 3] has no axis 2.');
  expect(() => x.argMax(0.5)).toThrow(ShapeError);
});

test('item', () => {
  expect(ndarray([[4]]).item()).toBe(4);
  expect(() => arange(2).item()).toThrow('item: an array [2] has 2 elements, not one.');
});

test('arange', () => {
  expect([...arange(3).data]).toEqual([0, 1, 2]);
  expect([...arange(2, 8, 3).data]).toEqual([2, 5]);
  expect([...arange(0.5, 2).data]).toEqual([0.5, 1.5]);
  expect([arange(3).dtype, arange(0, 1, 0.5).dtype]).toEqual(['int64', 'float64']);
  expect(arange(-3)).toEqual(new NDArray(new Float64Array(0), [0], 'int64'));
  expect(() => arange(0, 1, 0)).toThrow(ArgumentError);
  expect(() => arange(Number.NaN)).toThrow(ArgumentError);
  expect(() => arange(1e15)).toThrow('1000000000000000 numbers are too many');
});
