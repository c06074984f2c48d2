/** All that a page has of pictures gives the pixels that were drawn, and says what it waits for if it has none. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  DataError,
  exampleGradients,
  fromPixels,
  layers,
  type Model,
  type Picture,
  sequential,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits } from '../support/toy.ts';

const [HEIGHT, WIDTH] = [6, 8];

/** Opaque: a canvas keeps the colors of what is half transparent with fewer digits. */
function pixels(seed: number, height = HEIGHT, width = WIDTH): ImageData {
  const data = new ImageData(width, height);
  data.data.forEach((_, i, all) => {
    all[i] = i % 4 === 3 ? 255 : (i * i * 13 + i * seed * 31) % 256;
  });
  return data;
}

function canvasOf(image: ImageData): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

function offscreenOf(image: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

const blobOf = (image: ImageData) => offscreenOf(image).convertToBlob();

async function imageOf(blob: Blob): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  return image;
}

const SOURCES: readonly [string, (image: ImageData) => Promise<Picture | Blob> | Picture][] = [
  ['ImageData', (image) => image],
  ['a canvas', canvasOf],
  ['an OffscreenCanvas', offscreenOf],
  ['an ImageBitmap', (image) => createImageBitmap(image)],
  ['an <img>', async (image) => imageOf(await blobOf(image))],
  ['a Blob', blobOf],
  ['a File', async (image) => new File([await blobOf(image)], 'a.png', { type: 'image/png' })],
  ['a VideoFrame', (image) => new VideoFrame(offscreenOf(image), { timestamp: 0 })],
];

afterEach(() => {
  vi.restoreAllMocks();
});

let model: Model;
beforeAll(async () => {
  model = await made();
});
const models: Model[] = [];
afterAll(() => {
  for (const one of models) one.dispose();
});

async function made(): Promise<Model> {
  const own = sequential([
    layers.rescaling({ inputShape: [HEIGHT, WIDTH, 3], scale: 1 / 255 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ]);
  models.push(own);
  await own.compile({ loss: 'sparseCategoricalCrossentropy', seed: 2, device: await testDevice(), tune: false });
  return own;
}

const rgb = ({ data }: ImageData) => [...data].filter((_, i) => i % 4 !== 3);
const bytes = (...images: readonly ImageData[]) => ({
  data: Uint8Array.from(images.flatMap(rgb)),
  shape: [images.length, HEIGHT, WIDTH, 3],
});

describe.each(SOURCES)('%s', (name, of) => {
  const [a, b] = [pixels(1), pixels(2)];
  const done = (picture: unknown) => (picture as Partial<VideoFrame>).close?.();

  test('gives its pixels, by itself and in a list', async () => {
    const list = [await of(a), await of(b), await of(a)];
    expect(Array.from((await fromPixels(list[1]!)).data)).toEqual(rgb(b));
    expect(await model.predict(list[0]!)).toEqual(await model.predict(bytes(a)));
    expect(await model.predict(list)).toEqual(await model.predict(bytes(a, b, a)));
    expect(await model.inspect(list)).toEqual(await model.inspect(bytes(a, b, a)));
    expect(await exampleGradients(model, list, { output: 1 })).toEqual(
      await exampleGradients(model, bytes(a, b, a), { output: 1 }),
    );
    list.forEach(done);
  });

  test('trains, validates and evaluates', async () => {
    const y = [0, 1];
    const run = async (x: ReturnType<typeof bytes> | readonly (Picture | Blob)[]) => {
      const own = await made();
      return [
        await own.trainOnBatch(x, y),
        await own.fit({ x, y }, { epochs: 2, validationData: { x, y, sampleWeight: [1, 2] } }),
        await own.evaluate({ x, y }),
        await bits(own),
      ];
    };
    const list = [await of(a), await of(b)];
    expect(await run(list)).toEqual(await run(bytes(a, b)));
    list.forEach(done);
  });

  test('is cut out and resized', async () => {
    const whole = await of(pixels(3));
    const crop = { x: 2, y: 1, width: 4, height: 3 };
    const part = await fromPixels(whole, { crop });
    const wanted = await fromPixels(pixels(3), { crop });
    expect([part.shape, part.data]).toEqual([[1, 3, 4, 3], wanted.data]);
    done(whole);
    // One color is one color at any size; a picture of two halves keeps its sides.
    const halves = pixels(1, 20, 40);
    halves.data.forEach((_, i) => {
      const left = Math.floor(i / 4) % 40 < 20;
      halves.data[i] = [left ? 200 : 10, 100, left ? 30 : 240, 255][i % 4]!;
    });
    const source = await of(halves);
    const small = await fromPixels(source, { size: [3, 8] });
    expect(small.shape).toEqual([1, 3, 8, 3]);
    const at = (row: number, column: number) => [...small.slice(`0, ${row}, ${column}`).data];
    for (const row of [0, 1, 2]) {
      expect(at(row, 0), name).toEqual([200, 100, 30]);
      expect(at(row, 7), name).toEqual([10, 100, 240]);
    }
    const square = await fromPixels(source, { size: 5, crop: 'center', channels: 1, scale: 1 / 255 });
    expect([square.shape, square.dtype]).toEqual([[1, 5, 5, 1], 'float32']);
    done(source);
  });
});

/** Software adapters read pixels on the host; here they stand in for a GPU. @returns whether the adapter is one */
async function asGpu(): Promise<boolean> {
  const device = await testDevice();
  const { isSoftware } = device;
  vi.spyOn(device, 'isSoftware', 'get').mockReturnValue(false);
  return isSoftware;
}

test('on a software adapter, where nothing is on a GPU, pixels are read', async () => {
  if (!(await testDevice()).isSoftware) return;
  const copied = vi.spyOn(GPUQueue.prototype, 'copyExternalImageToTexture');
  expect(await model.predict(canvasOf(pixels(1)))).toEqual(await model.predict(bytes(pixels(1))));
  expect(copied).not.toHaveBeenCalled();
});

test('what the browser has on the GPU goes to the model without its pixels being read', async () => {
  const image = pixels(1);
  const wanted = await model.predict(bytes(image, image));
  const isSoftware = await asGpu(); // where a copy of a frame ends Chrome's GPU process
  const gray = sequential([layers.rescaling({ inputShape: [HEIGHT, WIDTH, 1], scale: 1 }), layers.flatten()]);
  models.push(gray);
  await gray.compile({ device: await testDevice(), tune: false });
  const luma = await fromPixels(image, { channels: 1 });
  const read = vi.spyOn(OffscreenCanvasRenderingContext2D.prototype, 'getImageData');
  const frame = new VideoFrame(offscreenOf(image), { timestamp: 0 });
  const sources = [canvasOf(image), offscreenOf(image), await createImageBitmap(image)];
  for (const source of isSoftware ? sources : [...sources, frame]) {
    expect(await model.predict([source, source])).toEqual(wanted);
    expect((await gray.predict(source)).data).toEqual(Float32Array.from(luma.data));
  }
  expect(read).not.toHaveBeenCalled();
  frame.close();
});

test.each(['read', 'on the GPU'])('more pictures than a batch, and fewer, %s', async (where) => {
  if (where === 'on the GPU') await asGpu();
  const images = [1, 2, 3, 4, 5].map((seed) => pixels(seed));
  const wanted = await model.predict(bytes(...images));
  const rows = ({ data }: { data: Float32Array }) => [...data];
  expect(rows(await model.predict(images.map(canvasOf), { batchSize: 2 }))).toEqual(rows(wanted));
  expect(rows(await model.predict(images.slice(0, 3).map(canvasOf)))).toEqual(rows(wanted).slice(0, 6));
  const [classes] = await model.classify(canvasOf(images[4]!), { top: 1 });
  expect(classes![0]!.index).toBe(wanted.data[8]! > wanted.data[9]! ? 0 : 1);
});

test.each(['read', 'on the GPU'])(
  'what predict is given is taken at once, unless it must be decoded, %s',
  async (where) => {
    if (where === 'on the GPU') await asGpu();
    const canvas = canvasOf(pixels(1));
    const predicted = model.predict(canvas);
    const array = fromPixels(canvas);
    canvas.getContext('2d')!.clearRect(0, 0, WIDTH, HEIGHT);
    expect(await predicted).toEqual(await model.predict(bytes(pixels(1))));
    expect(Array.from((await array).data)).toEqual(rgb(pixels(1)));
  },
);

test('pictures and files may stand beside each other', async () => {
  const [a, b] = [pixels(1), pixels(2)];
  expect(await model.predict([canvasOf(a), await blobOf(b)])).toEqual(await model.predict(bytes(a, b)));
  expect(Array.from((await fromPixels([await blobOf(b), canvasOf(a)])).data)).toEqual([...rgb(b), ...rgb(a)]);
});

test('colors without alpha are as they are stored, and a transparent canvas is black', async () => {
  const image = pixels(1);
  image.data.forEach((_, i) => {
    if (i % 4 === 3) image.data[i] = 7;
  });
  expect(Array.from((await fromPixels(image)).data)).toEqual(rgb(image));
  const clear = new OffscreenCanvas(2, 1);
  clear.getContext('2d');
  expect(Array.from((await fromPixels(clear, { channels: 4 })).data)).toEqual(new Array(8).fill(0));
  await fromPixels(canvasOf(pixels(5))); // nothing of it is left on what draws the next one
  expect(Array.from((await fromPixels(clear)).data)).toEqual(new Array(6).fill(0));
});

test('a video gives the frame that it shows', async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const pen = canvas.getContext('2d')!;
  const paint = () => {
    pen.fillStyle = 'rgb(200, 40, 90)';
    pen.fillRect(0, 0, 64, 48);
  };
  paint();
  const stream = canvas.captureStream(30);
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: stream });
  await expect(fromPixels(video)).rejects.toThrow(
    /^fromPixels: source: an HTMLVideoElement.* has no pixels: there is no frame yet\. Wait for its event 'loadeddata', or await video\.play\(\)\.$/,
  );
  const painting = setInterval(paint, 20);
  await video.play();
  if (video.readyState < 2) await new Promise((shown) => video.addEventListener('loadeddata', shown, { once: true }));
  const { data, shape } = await fromPixels(video);
  clearInterval(painting);
  for (const track of stream.getTracks()) track.stop();
  expect(shape).toEqual([1, 48, 64, 3]);
  const middle = [...data.subarray(3 * (24 * 64 + 32)).subarray(0, 3)];
  [200, 40, 90].forEach((value, i) => {
    expect(Math.abs(middle[i]! - value), `${middle}`).toBeLessThan(12); // a stream may be of YUV
  });
});

describe.each(['read', 'on the GPU'])('what has no pixels says why, %s', (where) => {
  beforeEach(async () => {
    if (where === 'on the GPU') await asGpu();
  });

  const message = async (picture: unknown) => {
    const errors = await Promise.all(
      [fromPixels(picture as Picture), model.predict(picture as Picture)].map((call) => call.catch((e: Error) => e)),
    );
    for (const error of errors) expect(error).toBeInstanceOf(DataError);
    return String((errors[1] as Error).message);
  };

  test('an image that is still loading, has no source, or is none', async () => {
    const image = new Image();
    image.src = `${location.origin}/never-${Math.random()}.png`;
    expect(await message(image)).toBe(
      'x: an HTMLImageElement of 0 x 0 has no pixels: it has not loaded yet. Wait for it: await image.decode().',
    );
    expect(await message(new Image())).toContain('it has no source, could not be loaded, or is an SVG without a size');
    await image.decode().catch(() => {});
    expect(await message(image)).toContain('could not be loaded');
  });

  test('what was closed', async () => {
    const bitmap = await createImageBitmap(pixels(1));
    bitmap.close();
    expect(await message(bitmap)).toContain('has no pixels: it was closed.');
    const frame = new VideoFrame(offscreenOf(pixels(1)), { timestamp: 0 });
    frame.close();
    expect(await message(frame)).toContain('has no pixels: it was closed.');
  });

  test('an empty canvas, and what is no picture', async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 0 });
    expect(await message(canvas)).toMatch(/has no pixels: its width or height is 0\.$/);
    const div = model.predict(document.createElement('div') as never);
    await expect(div).rejects.toThrow(/got an HTMLDivElement.* Draw it on a canvas, which is a picture\.$/);
  });

  test('a file that is no picture', async () => {
    const text = new Blob(['<html>'], { type: 'text/html' });
    await expect(fromPixels(text)).rejects.toThrow(
      "fromPixels: source: the browser cannot decode this Blob of type 'text/html'.",
    );
    await expect(model.fit({ x: [await blobOf(pixels(1)), text], y: [0, 1] })).rejects.toThrow(
      "x[1]: the browser cannot decode this Blob of type 'text/html'.",
    );
  });

  test('a picture of another server; the next one is read as ever', async () => {
    const image = new Image();
    // The same server by another name, which is another origin.
    image.src = `http://localhost:${location.port}/demo/screenshot.png`;
    await image.decode();
    await expect(fromPixels(image)).rejects.toThrow(
      /comes from another server, so its pixels must not be read\. Set crossOrigin = 'anonymous' before src; that server must allow it\.$/,
    );
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    canvas.getContext('2d')!.drawImage(image, 0, 0);
    expect(await message(canvas)).toContain('comes from another server');
    expect(Array.from((await fromPixels(canvasOf(pixels(4)))).data)).toEqual(rgb(pixels(4)));
  });
});
