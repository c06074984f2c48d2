/** The page about convolution: what its figures compute on the GPU and by hand, and what they make of a visitor's texts. */
import { describe, expect, test } from 'vitest';
import { featureMap, SLIDE, SLIDE_PLACE } from '../../demo/convolution/byHand/slide.ts';
import { convolve, type Layer, pool } from '../../demo/convolution/gpu.ts';
import { changed, MAP_SIZE, mapOf, PEAKS, pooled, sentBack, shifted } from '../../demo/convolution/pool/map.ts';
import { built } from '../../demo/convolution/shapes/engine.ts';
import { type ConvLayer, outputShape, parameters } from '../../demo/convolution/shapes/layer.ts';
import { fits, mendable, numberAt, puzzle, reason, withNumber } from '../../demo/convolution/shapes/quiz.ts';
import { gaussian, gaussianLine, KERNELS } from '../../demo/convolution/sweep/kernels.ts';
import { RAMP_SLOPE, ramp, reduced, SIZE } from '../../demo/convolution/sweep/picture.ts';
import { convolved, kernelOf } from '../../demo/convolution/sweep/result.ts';
import { printed } from '../../demo/convolution/tensor/print.ts';
import { examplesFor, panelsOf, readShape } from '../../demo/convolution/tensor/shape.ts';
import { activations } from '../../demo/lesson/reference/activations.ts';
import { array64 } from '../../demo/lesson/reference/array64.ts';
import { conv2d } from '../../demo/lesson/reference/conv2d.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

const random = (shape: readonly number[], seed: number) => array64(randomArray(shape, randomStream(seed)).data, shape);

function expectEqual(values: ArrayLike<number>, reference: ArrayLike<number>): void {
  expect(values.length).toBe(reference.length);
  const worst = Math.max(...Array.from(reference, (want, i) => Math.abs(values[i]! - want)));
  expect(worst).toBeLessThan(1e-5);
}

describe('on the GPU', () => {
  test('a figure’s convolutions of one shape after the other, and the first one again', async () => {
    const device = await testDevice();
    const layers: Layer[] = [
      { x: random([6, 6, 1], 1), w: random([3, 3, 1, 1], 2) },
      { x: random([6, 6, 1], 3), w: random([3, 3, 1, 1], 4) },
      { x: random([6, 6, 1], 3), w: random([5, 5, 1, 1], 5) },
      { x: random([5, 5, 1], 6), w: random([2, 2, 1, 1], 7), bias: array64([0.5], [1]), activation: 'relu' },
      { x: random([9, 7, 3], 8), w: random([3, 3, 3, 4], 9), padding: 'same', stride: 2 },
      { x: random([1, 20, 1], 10), w: random([1, 5, 1, 1], 11) },
      { x: random([6, 6, 1], 1), w: random([3, 3, 1, 1], 2) },
    ];
    for (const { x, w, bias, activation = 'linear', padding = 'valid', stride = 1 } of layers) {
      const y = conv2d(x, w, { padding, stride, ...(bias ? { bias: bias.data } : {}) });
      const layer = { x, w, ...(bias ? { bias } : {}), activation, padding, stride };
      expectEqual(await convolve(device, 'test', layer), y.data.map(activations[activation].f));
    }
  });

  test.each(['max', 'mean'] as const)('pooling by the %s, and the gradient that is sent back', async (how) => {
    const device = await testDevice();
    for (const size of [2, 3, 4]) {
      const result = pooled(PEAKS, size, how);
      const dy = random([result.side, result.side, 1], size);
      const { y, dx } = await pool(device, 'test', { x: mapOf(PEAKS), size, how, dy });
      expectEqual(y, result.y.data);
      expectEqual(dx, sentBack(dy, result, how).data);
    }
  });
});

test('the slide: its whole map, and the sum at [2, 1]', () => {
  const { values, sums, termsAt } = featureMap(SLIDE);
  expect([...values]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 9, 0, 0, 0, 0, 0]);
  expect(termsAt(SLIDE_PLACE).map(({ x, w }) => [x, w])).toEqual([
    [2, 2],
    [3, -1],
    [3, -1],
    [2, 2],
  ]);
  expect(featureMap({ ...SLIDE, relu: false }).values).toEqual(sums);
  expect(Math.min(...sums)).toBeLessThan(0);
});

describe('the sweep', () => {
  test('what its kernels make of a ramp and of a constant', () => {
    const side = SIZE - 2;
    const rising = (kernel: ArrayLike<number>) => convolved(ramp(), kernelOf(kernel)).values;
    expectEqual(rising(KERNELS.sobelX.numbers), new Array(side ** 2).fill(8 * RAMP_SLOPE));
    expectEqual(rising(KERNELS.sobelY.numbers), new Array(side ** 2).fill(0));
    expectEqual(rising(KERNELS.laplacian.numbers), new Array(side ** 2).fill(0));
    const middle = ramp().data.filter(
      (_, i) => i >= SIZE && i < SIZE ** 2 - SIZE && i % SIZE > 0 && i % SIZE < SIZE - 1,
    );
    expectEqual(rising(KERNELS.identity.numbers), middle);
    expectEqual(rising(KERNELS.sharpen.numbers), middle);
  });

  test('a Gaussian adds up to 1, is symmetric, and widens with sigma', () => {
    for (const sigma of [0.3, 1, 2]) {
      const kernel = gaussian(5, sigma);
      expect(kernel.reduce((sum, number) => sum + number)).toBeCloseTo(1, 12);
      expect(kernel.toReversed()).toEqual(kernel);
    }
    expect(gaussianLine(5, 1)[2]! / gaussianLine(5, 1)[1]!).toBeCloseTo(Math.exp(0.5), 12);
    expect(gaussian(5, 2)[12]).toBeLessThan(gaussian(5, 1)[12]!);
  });

  test('a place of the window is an index into the result', () => {
    const { indexOf, side, values } = convolved(random([SIZE, SIZE, 1], 1), kernelOf(gaussian(5, 1)));
    expect(side).toBe(SIZE - 4);
    expect(indexOf({ row: 2, column: 2 })).toBe(0);
    expect(indexOf({ row: SIZE - 3, column: SIZE - 3 })).toBe(values.length - 1);
  });

  test('a picture is reduced by means, from black to white', () => {
    const blocks = Float32Array.from(
      { length: (2 * SIZE) ** 2 },
      (_, i) => (i % 2 === 0 ? 0.2 : 0.4) + (i >= 8192 ? 0.3 : 0),
    );
    const { data } = reduced(blocks);
    expect(data).toHaveLength(SIZE ** 2);
    expect([data[0], data.at(-1)]).toEqual([0, 1]);
  });
});

describe('pooling', () => {
  test('a map is moved, and 0 comes in', () => {
    const right = shifted(PEAKS, { down: 0, right: 1 });
    expect(right.slice(0, MAP_SIZE)).toEqual([0, ...PEAKS.slice(0, MAP_SIZE - 1)]);
    expect(right.filter((_, i) => i % MAP_SIZE === 0)).toEqual(Array(MAP_SIZE).fill(0));
    const up = shifted(PEAKS, { down: -1, right: 0 });
    expect(up.slice(0, -MAP_SIZE)).toEqual(PEAKS.slice(MAP_SIZE));
    expect(shifted(PEAKS, { down: 0, right: 0 })).toEqual(PEAKS);
  });

  test('a pixel to the right, more of the map changes than of the pooled map', () => {
    const right = shifted(PEAKS, { down: 0, right: 1 });
    const ofMap = changed(PEAKS, right) / PEAKS.length;
    const ofPooled = changed(pooled(PEAKS, 2, 'max').y.data, pooled(right, 2, 'max').y.data) / 16;
    expect(ofMap).toBeGreaterThan(1.5 * ofPooled);
  });

  test('a gradient lands on the pins alone, or evenly', () => {
    const dy = array64(new Float64Array(16).fill(4), [4, 4, 1]);
    const result = pooled(PEAKS, 2, 'max');
    const dx = sentBack(dy, result, 'max').data;
    expect([...dx.keys()].filter((i) => dx[i] !== 0)).toEqual(result.pins.toSorted((a, b) => a - b));
    expect([...sentBack(dy, pooled(PEAKS, 2, 'mean'), 'mean').data]).toEqual(Array(64).fill(1));
  });
});

describe('tensors', () => {
  test("the slide's print, and which cells an index takes", () => {
    const { whole, part, shape, picked } = printed([2, 3, 4], ':, :, 0');
    expect(whole.split('\n')).toHaveLength(7);
    expect(part).toBe('[[ 0  4  8]\n [12 16 20]]');
    expect([shape, [...picked]]).toEqual([
      [2, 3],
      [0, 4, 8, 12, 16, 20],
    ]);
    expect(printed([2, 3, 4], '1, 2, 3')).toMatchObject({ part: '23', shape: [] });
  });

  test.each(['', '2', 'a', '0, 0, 0, 0', ':::'])(
    'the index “%s” of an array 2, 3, 4 is printed or explained',
    (index) => {
      const { part, problem, whole } = printed([2, 3, 4], index);
      expect(whole).toMatch(/^\[\[\[/);
      expect([part, problem].filter((text) => text !== undefined)).toHaveLength(1);
      expect(problem?.length).not.toBe(0);
    },
  );

  test('shapes as they are typed', () => {
    expect([readShape('2, 3, 4'), readShape(' (5,) '), readShape('[2,2]')]).toEqual([[2, 3, 4], [5], [2, 2]]);
    for (const text of ['', '2,, 3', '0', '-1', 'two', '1.5']) expect(readShape(text)).toMatch(/Type whole numbers/);
    expect(readShape('1, 1, 1, 1, 1')).toMatch(/At most 4 axes/);
    expect(readShape('11, 11')).toMatch(/121/);
  });

  test.each([[[5]], [[2, 3]], [[2, 3, 4]], [[2, 1, 3, 2]]])(
    '%j has a cell for each element, and indices to pick',
    (shape) => {
      const panels = panelsOf(shape);
      const size = shape.reduce((product, n) => product * n, 1);
      expect(panels.flatMap(({ places }) => places)).toEqual([...Array(size).keys()]);
      expect(new Set(panels.map(({ name }) => name)).size).toBe(panels.length);
      expect(examplesFor(shape.length).length).toBeGreaterThan(1);
      for (const index of examplesFor(shape.length)) expect(index.split(',').length).toBeLessThanOrEqual(shape.length);
    },
  );
});

describe('shapes', () => {
  const baseline: ConvLayer = {
    ...{ n: 32, height: 128, width: 128, channels: 1, kernels: 32, size: 5, stride: 1, padding: 'valid' },
  };
  test('the baseline’s first layer: 832 parameters, in colour 2,432', () => {
    expect(outputShape(baseline)).toEqual([32, 124, 124, 32]);
    expect([parameters(baseline), parameters({ ...baseline, channels: 3 })]).toEqual([832, 2432]);
  });

  test('the formulas are those of the engine', () => {
    for (const padding of ['valid', 'same'] as const) {
      for (const [height, width, size, stride] of [
        [5, 9, 5, 1],
        [8, 7, 3, 2],
        [128, 31, 4, 4],
        [6, 5, 1, 3],
      ]) {
        const layer = { ...baseline, height: height!, width: width!, size: size!, stride: stride!, padding };
        expect(built(layer)).toEqual({ shape: outputShape(layer), parameters: parameters(layer) });
      }
    }
  });

  test('of 200 puzzles each has one number that is wrong, wherever it stands', () => {
    const stream = randomStream(5);
    const places = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const task = puzzle(stream);
      const { shapes, wrong, right } = task;
      places.add(`${wrong.tensor} ${wrong.axis}`);
      expect(fits(shapes)).toBe(false);
      expect(numberAt(shapes, wrong)).not.toBe(right);
      expect(fits(withNumber(shapes, wrong, right))).toBe(true);
      expect(mendable(shapes)).toEqual([wrong]);
      expect(reason(task)).not.toMatch(/NaN|undefined/);
    }
    expect(places.size).toBe(22); // each number of the seven shapes
  });
});
