/** Pictures as pixels in memory, which need no page: as `x` of every call, and cut out by `fromPixels`. */
import { afterAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  fromPixels,
  layers,
  type Model,
  NDArray,
  type Pixels,
  ShapeError,
  sequential,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits } from '../support/toy.ts';

const models: Model[] = [];
afterAll(() => {
  for (const model of models) model.dispose();
});

async function modelOf(shape: readonly number[]): Promise<Model> {
  const model = sequential([
    layers.rescaling({ inputShape: shape, scale: 1 / 255 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ]);
  models.push(model);
  await model.compile({ loss: 'sparseCategoricalCrossentropy', seed: 2, device: await testDevice(), tune: false });
  return model;
}

/** 3 pixels high, 5 wide. */
function picture(seed: number, height = 3, width = 5): Pixels {
  const data = Uint8ClampedArray.from({ length: 4 * height * width }, (_, i) => (i * i * 13 + i * seed * 31) % 256);
  return { data, width, height };
}

const PICTURES = [1, 2, 3, 4, 5].map((seed) => picture(seed));

/** Its channels by the definition. Gray is compared with a tolerance elsewhere, and must be a whole number. */
function channelsOf({ data }: Pixels, channels: number): number[] {
  const pixels = Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(4 * i, 4 * i + 4)]);
  if (channels === 1) return pixels.map(([r, g, b]) => Math.round(0.299 * r! + 0.587 * g! + 0.114 * b!));
  return pixels.flatMap((pixel) => pixel.slice(0, channels));
}

const bytesOf = (pictures: readonly Pixels[], channels: number) => ({
  data: Uint8Array.from(pictures.flatMap((one) => channelsOf(one, channels))),
  shape: [pictures.length, pictures[0]!.height, pictures[0]!.width, channels],
});

describe.each([1, 3, 4])('%i channels', (channels) => {
  test('one picture, a list of them, and what trains', async () => {
    const model = await modelOf([3, 5, channels]);
    const x = bytesOf(PICTURES, channels);
    expect(await model.predict(PICTURES)).toEqual(await model.predict(x));
    expect(await model.predict(PICTURES[1]!)).toEqual(await model.predict(bytesOf([PICTURES[1]!], channels)));
    const y = [0, 1, 0, 1, 1];
    expect(await model.evaluate({ x: PICTURES, y })).toEqual(await model.evaluate({ x, y }));
    expect(await model.inspect(PICTURES)).toEqual(await model.inspect(x));
    const trained = async (given: typeof x | readonly Pixels[]) => {
      const own = await modelOf([3, 5, channels]);
      await own.trainOnBatch(given, y);
      const history = await own.fit({ x: given, y }, { epochs: 2, batchSize: 2, validationData: { x: given, y } });
      return [history, await bits(own)];
    };
    expect(await trained(PICTURES)).toEqual(await trained(x));
  });

  test('fromPixels', async () => {
    const options = { channels } as { channels: 1 | 3 | 4 };
    const array = await fromPixels(PICTURES, options);
    expect(array).toBeInstanceOf(NDArray);
    expect([array.dtype, array.shape, array.data]).toEqual([
      'uint8',
      [5, 3, 5, channels],
      bytesOf(PICTURES, channels).data,
    ]);
    const scaled = await fromPixels(PICTURES[2]!, { ...options, scale: 1 / 255 });
    expect([scaled.dtype, scaled.shape]).toEqual(['float32', [1, 3, 5, channels]]);
    expect(scaled.data).toEqual(Float32Array.from(channelsOf(PICTURES[2]!, channels), (byte) => byte / 255));
  });
});

test('gray is the luma of BT.601 to half a unit, for all colors on a grid', async () => {
  const steps = Array.from({ length: 18 }, (_, i) => 15 * i);
  const colors = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => [r, g, b, 255])));
  const data = Uint8ClampedArray.from(colors.flat());
  const gray = await fromPixels({ data, width: colors.length, height: 1 }, { channels: 1 });
  colors.forEach(([r, g, b], i) => {
    const exact = 0.299 * r! + 0.587 * g! + 0.114 * b!;
    if (Math.abs(gray.data[i]! - exact) > 0.5 + 1e-2) expect(gray.data[i], `${[r, g, b]}`).toBe(exact);
  });
  expect([gray.data[0], gray.data.at(-1)]).toEqual([0, 255]);
});

describe('a part', () => {
  const big = picture(7, 6, 9);
  const cut = (x: number, y: number, width: number, height: number): number[] => {
    const all = channelsOf(big, 3);
    const rows = Array.from({ length: height }, (_, row) => ((y + row) * 9 + x) * 3);
    return rows.flatMap((from) => all.slice(from, from + 3 * width));
  };

  test.each([
    ['by its corner and sides', { crop: { x: 2, y: 1, width: 4, height: 3 } }, [2, 1, 4, 3]],
    ['up to the edges', { crop: { x: 0, y: 0, width: 9, height: 6 } }, [0, 0, 9, 6]],
    ['the square in the middle', { crop: 'center' }, [1, 0, 6, 6]],
    ['the middle of a size that needs no resizing', { crop: 'center', size: [6, 3] }, [3, 0, 3, 6]],
    ['a wide middle', { crop: 'center', size: [3, 9] }, [0, 1, 9, 3]],
  ] as const)('%s', async (_, options, [x, y, width, height]) => {
    const array = await fromPixels(big, options);
    expect(array.shape).toEqual([1, height, width, 3]);
    expect([...array.data]).toEqual(cut(x, y, width, height));
  });
});

describe('errors say what to do', () => {
  const predict = (shape: readonly number[], x: unknown) => async () => (await modelOf(shape)).predict(x as never);
  const from =
    (source: unknown, options: object = {}) =>
    () =>
      fromPixels(source as never, options);
  const half = { ...picture(1), data: new Uint8ClampedArray(30) };
  test.each<[string, () => Promise<unknown>, new (...all: never[]) => Error, string]>([
    ['another size', predict([4, 4, 3], PICTURES[0]), ShapeError, 'x is 3 pixels high and 5 wide, the model takes 4 and 4. Write await fromPixels(x, { size: [4, 4] }).'],
    ['one of another size', predict([3, 5, 1], [PICTURES[0], picture(1, 5, 3)]), ShapeError, 'x[1] is 5 pixels high and 3 wide, the model takes 3 and 5. Write await fromPixels(x, { size: [3, 5], channels: 1 }).'],
    ['a model that takes no pictures', predict([45], PICTURES), ShapeError, 'x: pictures are [height, width, channels] with 1, 3 or 4 channels; the model takes [45].'],
    ['two channels', predict([3, 5, 2], PICTURES), ShapeError, 'with 1, 3 or 4 channels; the model takes [3, 5, 2].'],
    ['no picture among them', predict([3, 5, 3], [PICTURES[0], 5]), DataError, 'x[1] must be a picture, got 5.'],
    ['too few bytes', predict([3, 5, 3], half), DataError, 'x: 3 x 5 pixels have 60 bytes, data has 30.'],
    ['no pixels', predict([3, 5, 3], picture(1, 0, 5)), DataError, 'x: {"data":"a Uint8ClampedArray of length 0","width":5,"height":0} has no pixels: its width or height is 0.'],
    ['floats as ImageData', predict([3, 5, 3], { [Symbol.toStringTag]: 'ImageData', width: 5, height: 3, data: new Float32Array(60) }), DataError, "ImageData must hold bytes, which pixelFormat 'rgba-unorm8' gives."],
    ['nothing to fromPixels', from(undefined), DataError, 'fromPixels: source must be a picture or a list of pictures, got undefined.'],
    ['an array to fromPixels', from({ data: new Uint8Array(60), shape: [1, 3, 5, 4] }), DataError, 'must be a picture or a list of pictures, got {"data"'],
    ['pictures of different sizes', from([picture(1), picture(1, 4, 4)]), ShapeError, 'fromPixels: source[1] gives 4 x 4 pixels (height x width), fromPixels: source[0] 3 x 5. Write { size: [3, 5] } to bring all to one size.'],
    ['a part that is not there', from(picture(1), { crop: { x: 2, y: 0, width: 4, height: 3 } }), ShapeError, 'fromPixels: source is 5 pixels wide and 3 high; the crop from x 2 to 6 and y 0 to 3 is not in it.'],
    ['half a part', from(picture(1), { crop: { x: 2, y: 0 } }), ArgumentError, 'fromPixels: crop: width must be an integer of at least 1, got undefined.'],
    ['a part by another name', from(picture(1), { crop: 'middle' }), ArgumentError, "fromPixels: crop must be 'center' or { x, y, width, height }, got 'middle'."],
    ['a part by a name that is almost right', from(picture(1), { crop: 'centre' }), ArgumentError, "got 'centre'. Did you mean 'center'?"],
    ['a part as a list', from(picture(1), { crop: [0, 0, 2, 2] }), ArgumentError, "fromPixels: crop must be 'center' or { x, y, width, height }, got [0,0,2,2]."],
    ['no part', from(picture(1), { crop: null }), ArgumentError, "fromPixels: crop must be 'center' or { x, y, width, height }, got null."],
    ['two channels to fromPixels', from(picture(1), { channels: 2 }), ArgumentError, 'fromPixels: channels must be 1, 3 or 4, got 2.'],
    ['no size', from(picture(1), { size: 0 }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got 0. Write { size: [28, 28] }.'],
    ['a size below 0', from(picture(1), { size: -4 }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got -4. Write { size: [28, 28] }.'],
    ['half a pixel', from(picture(1), { size: 2.5 }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got 2.5. Write { size: [28, 28] }.'],
    ['three sizes', from(picture(1), { size: [3, 5, 3] }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got [3,5,3]. Write { size: [28, 28] }.'],
    ['a height alone', from(picture(1), { size: [3] }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got [3]. Write { size: [28, 28] }.'],
    ['a width below 0', from(picture(1), { size: [3, -5] }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got [3,-5]. Write { size: [28, 28] }.'],
    ['a size as a text', from(picture(1), { size: '28' }), ArgumentError, "fromPixels: size must be a number or [height, width], integers of at least 1, got '28'. Write { size: [28, 28] }."],
    ['sizes as texts', from(picture(1), { size: ['3', '5'] }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got ["3","5"]. Write { size: [28, 28] }.'],
    ['a size by names', from(picture(1), { size: { width: 5, height: 3 } }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got {"width":5,"height":3}. Write { size: [28, 28] }.'],
    ['null for a size', from(picture(1), { size: null }), ArgumentError, 'fromPixels: size must be a number or [height, width], integers of at least 1, got null. Write { size: [28, 28] }.'],
    ['a scale that is none', from(picture(1), { scale: '1/255' }), ArgumentError, "fromPixels: scale must be a number, got '1/255'."],
    ['a misspelt option', from(picture(1), { channel: 1 }), ArgumentError, "fromPixels: there is no option 'channel'; the options are size, channels, crop, scale. Did you mean 'channels'?"],
    ['no picture to fromPixels', from([picture(1), 'x.png']), DataError, "fromPixels: source[1] must be a picture, got 'x.png'."],
  ])('%s', async (_, call, type, message) => {
    const error = await call().then(
      () => undefined,
      (e: Error) => e,
    );
    expect(error).toBeInstanceOf(type);
    expect(error!.message).toContain(message);
  }); // biome-ignore format: a line each
});
