/** Datasets of pictures: addresses and files that workers decode, with the bytes of `fromPixels`. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  DataError,
  dataset,
  type Example,
  fromPixels,
  type ImageDatasetOptions,
  type ImageSource,
  imageDataset,
  layers,
  type NDArray,
  NeuriteError,
  ShapeError,
  sequential,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits } from '../support/toy.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const SIZES = [
  [20, 30],
  [31, 17],
  [8, 8],
] as const;

/** A picture as a file. */
async function pictureOf(seed: number, [height, width] = SIZES[seed % SIZES.length]!): Promise<Blob> {
  const data = new ImageData(width!, height);
  data.data.forEach((_, i, all) => {
    all[i] = i % 4 === 3 ? 255 : (i * i * 13 + i * seed * 31 + seed) % 256;
  });
  const canvas = new OffscreenCanvas(width!, height);
  canvas.getContext('2d')!.putImageData(data, 0, 0);
  return canvas.convertToBlob();
}

const pictures = Promise.all(Array.from({ length: 13 }, (_, seed) => pictureOf(seed)));

async function all<T>(elements: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const element of elements) list.push(element);
  return list;
}

const bytes = ({ x }: Example) => [...(x as NDArray).data];

/** Counts workers that begin and end, and pictures that the page's thread decodes. */
function watched() {
  const seen = { begun: 0, ended: 0, inPage: 0 };
  const { Worker: Own, createImageBitmap: own } = globalThis;
  class Counted extends Own {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      seen.begun++;
    }
    override terminate() {
      seen.ended++;
      super.terminate();
    }
  }
  vi.stubGlobal('Worker', Counted);
  vi.stubGlobal('createImageBitmap', (picture: Blob) => {
    seen.inPage++;
    return own(picture);
  });
  return seen;
}

describe('what is decoded', () => {
  const size = [6, 9] as const;

  test.each<[string, ImageDatasetOptions]>([
    ['in color', { size: 12 }],
    ['gray, from the middle', { size, channels: 1, crop: 'center' }],
    ['with alpha, a part', { channels: 4, crop: { x: 1, y: 2, width: 5, height: 4 } }],
    ['a square in the middle', { size: 5, crop: 'center' }],
  ])('has the bytes of fromPixels: %s', async (_, options) => {
    const files = await pictures;
    const wanted = await Promise.all(files.map((file) => fromPixels(file, options)));
    for (const workers of [3, 0]) {
      const seen = watched();
      const got = await all(imageDataset(files, { ...options, workers, labels: files.map((_, i) => i) }));
      expect(got.map(({ y }) => y)).toEqual(files.map((_, i) => i));
      expect(got.map(bytes)).toEqual(wanted.map(({ data }) => [...data]));
      expect(got[0]!.x.dtype).toBe('uint8');
      expect(got[0]!.x.shape).toEqual(wanted[0]!.shape.slice(1));
      // All by the workers, which have ended; or all by the page.
      if (workers > 0) expect(seen).toEqual({ begun: 3, ended: 3, inPage: 0 });
      else expect(seen).toEqual({ begun: 0, ended: 0, inPage: files.length });
    }
  });

  test('addresses of every kind, files and examples', async () => {
    const [blob] = await pictures;
    const served = new URL('../../demo/screenshot.png', import.meta.url);
    const local = URL.createObjectURL(blob!);
    const text = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result as string);
      reader.readAsDataURL(blob!);
    });
    const file = new File([blob!], 'a.png', { type: 'image/png' });
    const given: ImageSource[] = [served, served.href, served.pathname, local, text, file, blob!];
    const [screenshot, own] = [
      await fromPixels(await (await fetch(served)).blob(), { size: 7 }),
      await fromPixels(blob!, { size: 7 }),
    ];
    const seen = watched();
    const got = await all(
      imageDataset(
        given.map((x, y) => ({ x, y, sampleWeight: y + 1 })),
        { size: 7 },
      ),
    );
    expect(got.map(bytes)).toEqual(given.map((_, i) => [...(i < 3 ? screenshot : own).data]));
    expect(got.map(({ y, sampleWeight }) => [y, sampleWeight])).toEqual(given.map((_, i) => [i, i + 1]));
    expect(seen.inPage).toBe(0);
  });

  test('at most as many at once as concurrency says, in order, on any dataset of them', async () => {
    const files = await pictures;
    const examples = dataset(files.map((x, y) => ({ x, y }))).shuffle(100, { seed: 3 });
    const order = await all(dataset(files.map((_, y) => y)).shuffle(100, { seed: 3 }));
    let [running, most] = [0, 0];
    const own = globalThis.createImageBitmap;
    vi.stubGlobal('createImageBitmap', async (picture: Blob) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      running--;
      return own(picture);
    });
    const got = await all(imageDataset(examples, { size: 4, workers: 0, concurrency: 3 }));
    expect(got.map(({ y }) => y)).toEqual(order);
    expect(most).toBe(3);
  });

  test('nothing begins before somebody asks, and workers end when the dataset is left', async () => {
    const files = await pictures;
    const seen = watched();
    const made = imageDataset(files, { size: 4, workers: 2 });
    expect(seen.begun).toBe(0);
    for await (const _ of made) break;
    expect(seen).toEqual({ begun: 2, ended: 2, inPage: 0 });
  });

  test('trains a model, with the bits of the same bytes', async () => {
    const files = await pictures;
    const y = files.map((_, i) => i % 2);
    const modelOf = async () => {
      const model = sequential([
        layers.rescaling({ inputShape: [6, 6, 3], scale: 1 / 255 }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ]);
      await model.compile({ loss: 'sparseCategoricalCrossentropy', seed: 2, device: await testDevice(), tune: false });
      return model;
    };
    const [model, twin] = [await modelOf(), await modelOf()];
    const seen = watched();
    await model.fit(imageDataset(files, { size: 6, labels: y }), { epochs: 2, batchSize: 4 });
    expect(seen.inPage).toBe(0);
    expect(seen.ended).toBe(seen.begun);
    await twin.fit(await fromPixels(files, { size: 6 }), y, { epochs: 2, batchSize: 4, shuffle: false });
    expect(await bits(model)).toEqual(await bits(twin));
    model.dispose();
    twin.dispose();
  });
});

describe('where workers do not start', () => {
  async function decodes(): Promise<number> {
    const files = await pictures;
    const wanted = await fromPixels(files, { size: 5 });
    let inPage = 0;
    const own = globalThis.createImageBitmap;
    vi.stubGlobal('createImageBitmap', (picture: Blob) => {
      inPage++;
      return own(picture);
    });
    const got = await all(imageDataset(files, { size: 5, workers: 2 }));
    expect(got.flatMap(bytes)).toEqual([...wanted.data]);
    return inPage;
  }

  test('there are none: the page decodes', async () => {
    vi.stubGlobal('Worker', undefined);
    expect(await decodes()).toBe(13);
  });

  test('the constructor throws, as some browsers do by a security policy', async () => {
    vi.stubGlobal('Worker', function refuse() {
      throw new DOMException('refused', 'SecurityError');
    });
    expect(await decodes()).toBe(13);
  });

  test('its code fails', async () => {
    const Own = globalThis.Worker;
    vi.stubGlobal(
      'Worker',
      class extends Own {
        constructor() {
          super(URL.createObjectURL(new Blob(['throw new Error("no")'])));
        }
      },
    );
    expect(await decodes()).toBe(13);
  });

  test("a page's own policy forbids workers of Blobs", async () => {
    const frame = document.createElement('iframe');
    const engine = new URL('../../src/index.ts', import.meta.url).href;
    const [file] = await pictures;
    const wanted = await fromPixels(file!, { size: 5 });
    frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="worker-src 'self'">
      <script type="module">
        const refused = [];
        addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => refused.push(effectiveDirective + ' ' + blockedURI));
        onmessage = async ({ data }) => {
          try {
            const { imageDataset } = await import('${engine}');
            for await (const { x } of imageDataset([data], { size: 5 })) parent.postMessage({ bytes: [...x.data], refused }, '*');
          } catch (error) { parent.postMessage({ error: String(error) }, '*'); }
        };
        parent.postMessage({ ready: true }, '*');
      </script>`;
    const ready = new Promise<void>((resolve) => {
      const listen = ({ data, source }: MessageEvent) => {
        if (source !== frame.contentWindow || !data.ready) return;
        removeEventListener('message', listen);
        resolve();
      };
      addEventListener('message', listen);
    });
    document.body.append(frame);
    await ready;
    const result = new Promise<{ bytes: number[]; refused: string[] }>((resolve, reject) => {
      addEventListener('message', ({ data, source }) => {
        if (source !== frame.contentWindow || data.ready) return;
        if (data.error) reject(new Error(data.error));
        else resolve(data);
      });
    });
    frame.contentWindow!.postMessage(file, '*');
    const { bytes: got, refused } = await result;
    expect(got).toEqual([...wanted.data]);
    expect(refused.join()).toMatch(/worker-src blob/);
    frame.remove();
  });
});

describe('a broken picture', () => {
  const broken = new File(['no picture'], 'cat.png', { type: 'image/png' });

  test.each<[string, ImageSource, RegExp]>([
    [
      'is named by its file',
      broken,
      /^imageDataset: picture 2, 'cat\.png': the browser cannot decode this File of type 'image\/png'\.$/,
    ],
    [
      'is named by its number',
      new Blob(['no']),
      /^imageDataset: picture 2: the browser cannot decode this Blob of type ''\.$/,
    ],
    [
      'is named by its address',
      'data:image/png;base64,AAAA',
      /^imageDataset: picture 2, 'data:image\/png;base64,AAAA': the browser cannot decode/,
    ],
    [
      'was not found',
      '/nowhere.png?',
      /^imageDataset: picture 2, '\/nowhere\.png\?'(: the browser cannot decode| could not be fetched: the server answered 404\.)/,
    ],
    [
      'is on a server that is not there',
      'http://127.0.0.1:9/a.png',
      /^imageDataset: picture 2, 'http:\/\/127\.0\.0\.1:9\/a\.png' could not be fetched: .*Access-Control-Allow-Origin/,
    ],
    [
      'is none',
      5 as never,
      /^imageDataset: picture 2 must be an address, a file or another Blob, or \{ x, y \} with one, got 5\./,
    ],
  ])('%s', async (_, picture, message) => {
    const [a, b] = await pictures;
    const given = [a!, b!, picture, a!];
    const got: unknown[] = [];
    const run = async () => {
      for await (const example of imageDataset(given, { size: 4 })) got.push(example);
    };
    const error = await run().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toMatch(message);
    expect(got).toHaveLength(2);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(
      (await all(imageDataset(given, { size: 4, broken: 'skip', labels: [0, 1, 2, 3] }))).map(({ y }) => y),
    ).toEqual([0, 1, 3]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^neurite: imageDataset: picture 2.* It is left out\.$/)]]);
  });

  test('is one that the crop is not in', async () => {
    const [a] = await pictures;
    const made = all(imageDataset([a!], { crop: { x: 0, y: 0, width: 999, height: 1 } }));
    await expect(made).rejects.toThrow(ShapeError);
    await expect(made).rejects.toThrow(
      /^imageDataset: picture 0 is 30 pixels wide and 20 high; the crop from x 0 to 999/,
    );
  });

  test('ends fit, which names it', async () => {
    const [a] = await pictures;
    const model = sequential([layers.flatten({ inputShape: [4, 4, 3] }), layers.dense({ units: 2 })]);
    await model.compile({ loss: 'sparseCategoricalCrossentropy', device: await testDevice(), tune: false });
    const fit = model.fit(imageDataset([a!, broken], { size: 4, labels: [0, 1] }));
    await expect(fit).rejects.toThrow("imageDataset: picture 1, 'cat.png': the browser cannot decode");
    await expect(fit).rejects.toThrow(NeuriteError);
    model.dispose();
  });
});

test.each<[string, unknown[], RegExp]>([
  [
    'size',
    [[], { size: 0 }],
    /^imageDataset: size must be a number or \[height, width\], integers of at least 1, got 0/,
  ],
  ['channels', [[], { channels: 2 }], /^imageDataset: channels must be 1, 3 or 4/],
  ['crop', [[], { crop: { x: 0 } }], /^imageDataset: crop: y must be/],
  ['scale', [[], { scale: 2 }], /^imageDataset: there is no option 'scale'/],
  ['workers', [[], { workers: -1 }], /^imageDataset: workers must be an integer of at least 0/],
  ['broken', [[], { broken: 'ignore' }], /^imageDataset: broken must be 'throw' or 'skip'/],
  ['labels', [['a.png'], { labels: [0, 1] }], /there are 2 for 1 pictures\. Others bring theirs: \{ x, y \}/],
  ['labels of no list', [dataset(['a.png']), { labels: [0] }], /there are 1 for pictures that are no list/],
  ['pictures', [undefined], /^dataset: source must be an iterable/],
])('%s that cannot be', (_, given, message) => {
  const call = () => imageDataset(...(given as Parameters<typeof imageDataset>));
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow(message);
});
