import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type BrainImages,
  brainFilesFrom,
  loadBrainSegments,
  readBrainImages,
  scaleImages,
  toRainbow,
  writeBrainImages,
} from '../../src/brain/files.ts';
import { ArgumentError, DataError, FormatError } from '../../src/index.ts';
import { detach, MEMORIES } from '../support/memory.ts';

const PIXELS = 128 * 128;
const folder = mkdtempSync(join(tmpdir(), 'neurite-brain-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Images whose every pixel tells where it is from. */
function images(n: number, offset = 0): BrainImages {
  const data = Float32Array.from(
    { length: n * PIXELS },
    (_, i) => offset + Math.floor(i / PIXELS) + (i % PIXELS) / PIXELS,
  );
  return { data, shape: [n, 128, 128, 1] };
}

/** The course's format, made by other means than the code under test. */
function courseFile({ data }: BrainImages): Buffer {
  const bytes = Buffer.alloc(data.length * 4);
  for (const [i, value] of data.entries()) bytes.writeFloatLE(value, i * 4);
  return gzipSync(bytes);
}

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('reading a course file', () => {
  const want = images(3);
  const bytes = new Uint8Array(courseFile(want));

  test('from a File, a path and a file URL', async () => {
    const path = file('real_0.gz', bytes);
    for (const source of [new File([bytes], 'real_0.gz'), path, pathToFileURL(path), String(pathToFileURL(path))]) {
      expect(await readBrainImages(source)).toEqual(want);
    }
  });

  test('only its first images', async () => {
    expect(await readBrainImages(new Blob([bytes]), { maxImages: 2 })).toEqual(images(2));
    expect(await readBrainImages(new Blob([bytes]), { maxImages: 9 })).toEqual(want);
  });

  test('what is written reads back, by other tools too', async () => {
    const written = await writeBrainImages(want);
    expect(await readBrainImages(new Blob([written]))).toEqual(want);
    expect(new Float32Array(new Uint8Array(gunzipSync(written)).buffer)).toEqual(want.data);
  });

  const plain = Buffer.alloc(PIXELS * 4 * 2);
  const nan = Buffer.from(plain);
  nan.writeFloatLE(Number.NaN, PIXELS * 4 + 40);
  const cases: readonly [string, Uint8Array, new (m: string) => Error, RegExp][] = [
    ['an empty file', new Uint8Array(), FormatError, /bad\.gz is empty/],
    ['a gzip of nothing', gzipSync(''), FormatError, /bad\.gz is empty: it holds no image/],
    ['a file that is not gzip', plain, FormatError, /bad\.gz is not a gzip file/],
    ['a truncated file', bytes.slice(0, bytes.length / 2), FormatError, /bad\.gz is damaged or truncated/],
    ['a file that lacks its checksum', bytes.slice(0, -8), FormatError, /bad\.gz is damaged or truncated/],
    [
      'a flipped byte',
      bytes.map((b, i) => (i === bytes.length >> 1 ? b ^ 0xff : b)),
      FormatError,
      /bad\.gz is damaged/,
    ],
    [
      'half an image',
      gzipSync(plain.subarray(0, PIXELS * 6)),
      FormatError,
      /98304 bytes, which is no multiple of an image/,
    ],
    ['a byte too many', gzipSync(Buffer.concat([plain, Buffer.alloc(1)])), FormatError, /131073 bytes/],
    ['a NaN pixel', gzipSync(nan), DataError, /bad\.gz: image 1 has the value NaN/],
  ];
  test.each(cases)('refuses %s', async (_, content, type, message) => {
    const error = await readBrainImages(new File([new Uint8Array(content)], 'bad.gz')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toMatch(message);
  });

  test('finds what is not finite wherever pieces of the file end, and takes the largest numbers', async () => {
    /** Stored, not compressed, and sent in odd pieces, so that numbers come in parts. */
    const inPieces = (pixels: Float32Array, size = 1013) => {
      const packed = gzipSync(new Uint8Array(pixels.buffer), { level: 0 });
      const pieces = Array.from({ length: Math.ceil(packed.length / size) }, (_, i) =>
        Uint8Array.from(packed.subarray(i * size, (i + 1) * size)),
      );
      const stream = () =>
        new ReadableStream({
          pull(controller) {
            const piece = pieces.shift();
            if (piece) controller.enqueue(piece);
            else controller.close();
          },
        });
      return Object.assign(new Blob(), { stream });
    };
    const finite = new Float32Array(2 * PIXELS).map((_, i) => (i % 2 ? -1 : 1) * 3.4028234663852886e38);
    expect((await readBrainImages(inPieces(finite.slice()))).data).toEqual(finite);
    for (let at = 250; at < 2 * PIXELS; at += 1361) {
      const value = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][at % 3]!;
      const message = new RegExp(`image ${Math.floor(at / PIXELS)} has the value ${value};`);
      await expect(readBrainImages(inPieces(finite.with(at, value)))).rejects.toThrow(message);
    }
    for (let at = 8000; at < 8003; at++) {
      const one = finite.slice(0, PIXELS).with(at, Number.NEGATIVE_INFINITY);
      await expect(readBrainImages(inPieces(one, 3))).rejects.toThrow(/image 0 has the value -Infinity;/);
    }
    const later = finite.with(PIXELS, Number.NaN);
    expect((await readBrainImages(inPieces(later), { maxImages: 1 })).data).toEqual(finite.slice(0, PIXELS));
  });

  test('refuses a bomb before it fills the memory', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    const before = process.memoryUsage().arrayBuffers;
    await expect(readBrainImages(new Blob([bomb]), { maxBytes: 1024 * 1024 })).rejects.toThrow(
      /more than 1048576 bytes/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });

  test('a file that is not there, and a server that is not there', async () => {
    await expect(readBrainImages(join(folder, 'none.gz'))).rejects.toThrow(/none\.gz does not exist/);
    await expect(readBrainImages('http://127.0.0.1:9/x.gz')).rejects.toThrow(/x\.gz cannot be fetched/);
    await expect(readBrainImages('http://127.0.0.1:9/x.gz')).rejects.toThrow(FormatError);
  });

  test('what is neither a Blob nor an address is refused: bytes are no path', async () => {
    const bytes = courseFile(images(1));
    for (const source of [bytes, bytes.buffer, new DataView(bytes.buffer), new SharedArrayBuffer(8), 5, null]) {
      await expect(readBrainImages(source as never)).rejects.toThrow(ArgumentError);
    }
  });

  test('an abort rejects with its reason', async () => {
    await expect(readBrainImages(new Blob([bytes]), { signal: AbortSignal.abort('no more') })).rejects.toBe('no more');
  });
});

describe('segments', () => {
  const set = (n: number, offset: number) => new Uint8Array(courseFile(images(n, offset)));
  const files = [
    new File([set(2, 100)], 'fake_3.gz'),
    new File([set(2, 0)], 'real_3.gz'),
    new File([set(3, 200)], 'real_0.gz'),
    new File([set(1, 300)], 'fake_0.gz'),
  ];

  test('are found by name and loaded with their labels', async () => {
    const found = brainFilesFrom(files);
    expect(found.segments).toEqual([0, 3]);
    const progress: string[] = [];
    const loaded = await loadBrainSegments({
      ...found,
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    expect(progress).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(loaded.source).toBe('course files');
    expect(loaded.x.shape).toEqual([8, 128, 128, 1]);
    expect([...loaded.y]).toEqual([0, 1, 0, 0, 0, 1, 0, 1]);
    expect([...loaded.segment]).toEqual([0, 0, 0, 0, 3, 3, 3, 3]);
    const firstPixels = Array.from({ length: 8 }, (_, i) => loaded.x.data[i * PIXELS]);
    expect(firstPixels).toEqual([200, 300, 201, 202, 0, 100, 1, 101]);
  });

  test('refuse names and sets that do not fit', async () => {
    const named =
      (...names: string[]) =>
      () =>
        brainFilesFrom(names.map((name) => new File([], name)));
    expect(named('cat.png')).toThrow(/cat\.png is not named real_<segment>\.gz/);
    expect(named('real_1.gz')).toThrow(/fake_1\.gz is missing/);
    expect(named('real_1.gz', 'real_01.gz')).toThrow(/two files for real_1/);
    expect(named()).toThrow(FormatError);
    await expect(loadBrainSegments({ ...brainFilesFrom(files), segments: [] })).rejects.toThrow(ArgumentError);
  });
});

describe('images', () => {
  test('may lie in any memory, and are refused where it is gone or holds other numbers', async () => {
    const wanted = images(1);
    const equal = (a: Uint8Array | Float32Array, b: Uint8Array | Float32Array) =>
      Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)) === 0; // toEqual takes seconds for as much
    const [scaled, colours, written] = [scaleImages(wanted), toRainbow(wanted), await writeBrainImages(wanted)];
    // First: compiled by the V8 of Node 20, what has seen a growable array takes a detached one for what it was.
    const gone = wanted.data.slice();
    detach(gone);
    const { length } = wanted.data;
    for (const data of [gone, new BigInt64Array(length), new Float64Array(length), new DataView(new ArrayBuffer(8))]) {
      const given = { ...wanted, data: data as never };
      for (const call of [scaleImages, toRainbow]) expect(() => call(given)).toThrow(ArgumentError);
      await expect(writeBrainImages(given)).rejects.toThrow(ArgumentError);
    }
    for (const { of } of MEMORIES) {
      const given = { ...wanted, data: of(Float32Array, wanted.data) as BrainImages['data'] };
      expect(equal(scaleImages(given).data, scaled.data)).toBe(true);
      expect(equal(toRainbow(given).data, colours.data)).toBe(true);
      const writing = writeBrainImages(given);
      given.data.fill(7); // it was read when the call returned its promise
      expect(equal(await writing, written)).toBe(true);
    }
  });

  test('are scaled one by one', () => {
    const { data, shape } = scaleImages(images(2, 5));
    expect(shape).toEqual([2, 128, 128, 1]);
    for (const i of [0, 1]) {
      const image = data.subarray(i * PIXELS, (i + 1) * PIXELS);
      expect([image[0], image.at(-1)]).toEqual([0, 1]);
    }
    const flat = scaleImages({ data: new Float32Array(PIXELS).fill(3), shape: [1, 128, 128, 1] });
    expect(flat.data.every((v) => v === 0)).toBe(true);
  });

  test('take matplotlib’s rainbow colours', () => {
    const { data, shape } = toRainbow(images(1));
    expect(shape).toEqual([1, 128, 128, 3]);
    // The ends of the map are (0.5, 0, 1) and (1, 0, 0); its middle is (0.5, 1, 0.7071).
    const pixel = (i: number) => [...data.subarray(i * 3, i * 3 + 3)];
    const close = (got: number[], want: number[]) =>
      expect(got.map((v) => Math.round(v * 1e3))).toEqual(want.map((v) => Math.round(v * 1e3)));
    close(pixel(0), [0.5, 0, 1]);
    close(pixel(PIXELS / 2), [0.5, 1, Math.SQRT1_2]);
    close(pixel(PIXELS - 1), [1, 0, 0]);
  });
});

describe('the recovered pictures', () => {
  for (const kind of ['real', 'fake'])
    test(`${kind}_sample.gz`, async (context) => {
      const path = resolve(`../shared/brain/${kind}_sample.gz`);
      if (!existsSync(path)) return context.skip(`there is no ${kind}_sample.gz beside the project`);
      const { data, shape } = await readBrainImages(path);
      expect(shape).toEqual([9, 128, 128, 1]);
      expect(data.every((v) => v >= 0 && v <= 1)).toBe(true);
    });
});
