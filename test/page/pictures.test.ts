/** Pictures that a user opens, and those that would fill the memory: a file of a few bytes says what size it likes. */
import { expect, test } from 'vitest';
import { readUserFiles } from '../../demo/lab/worker/files.ts';

/** Reads the picture twice: both classes are needed. */
function open(content: Uint8Array<ArrayBuffer> | Blob) {
  const files = ['real_x', 'fake_x'].map((path) => ({ path, file: new File([content], path) }));
  return readUserFiles(files, { signal: new AbortController().signal, onProgress() {} });
}

const text = (letters: string) => [...letters].map((letter) => letter.charCodeAt(0));
const numberOf = (bytes: number) => (value: number) =>
  Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 255);
const [two, three, four] = [numberOf(2), numberOf(3), numberOf(4)];
const big = (little: number[]) => little.reverse();
const riff = (type: string, ...content: number[]) => [
  ...[...text('RIFF'), ...four(12 + content.length), ...text('WEBP')],
  ...[...text(type), ...four(content.length), ...content],
];
const lossless = (side: number) => [0x2f, ...four((side - 1) | ((side - 1) << 14))];
const gif = (screen: number, frame: number) => [
  ...[...text('GIF89a'), ...two(screen), ...two(screen), 0x80, 0, 0, 0, 0, 0, 255, 255, 255], // two colours
  ...[0x21, 0xf9, 4, 0, 0, 0, 0, 0, 0x21, 0xfe, 2, 0x2c, 0x2c, 0], // extensions
  ...[0x2c, ...two(0), ...two(0), ...two(frame), ...two(frame), 0],
  ...[2, 2, 0x4c, 0x01, 0, 0x3b], // one white pixel
];
const bmp = (width: number, height: number, compression = 0) => [
  ...[...text('BM'), ...four(58), ...four(0), ...four(54)],
  ...[...four(40), ...four(width), ...four(height), ...two(1), ...two(24), ...four(compression)],
  ...new Array(20).fill(0),
  ...[255, 255, 255, 0],
];
const frame = (marker: number, width: number, height: number) => [
  ...[0xff, marker, 0, 11, 8, ...big(two(height)), ...big(two(width)), 1, 1, 0x11, 0],
];
/** A small one stands in the thumbnail. */
const thumbnail = [0xff, 0xe1, 0, 23, ...text('Exif'), 0, 0, 0xff, 0xd8, ...frame(0xc0, 8, 8)];

test.each<[string, number[], RegExp]>([
  [
    'PNG',
    [...big(four(0x89504e47)), 13, 10, 26, 10, 0, 0, 0, 13, ...text('IHDR'), 0, 0, 234, 96, 0, 0, 234, 96],
    /60000 × 60000 pixels/,
  ],
  [
    'PNG, which begins with another chunk',
    [...big(four(0x89504e47)), 13, 10, 26, 10, 0, 0, 0, 13, ...text('CgBI'), ...new Array(99).fill(0)],
    /not a picture/,
  ],
  ['JPEG', [0xff, 0xd8, ...thumbnail, 0xff, ...frame(0xc0, 65000, 65000)], /65000 × 65000 pixels/],
  ['progressive JPEG', [0xff, 0xd8, 0xff, 0xc4, 0, 4, 0, 0, ...frame(0xc2, 60000, 1000)], /60000 × 1000 pixels/],
  ['JPEG without a frame', [0xff, 0xd8, 0xff, 0xda, 0, 2, ...frame(0xc0, 65000, 65000)], /not a picture/],
  ['JPEG of rubbish', [0xff, 0xd8, 1, 2, ...frame(0xc0, 8, 8)], /not a picture/],
  ['JPEG with a length where none belongs', [0xff, 0xd8, 0xff, 0xd0, 0, 2, ...frame(0xc0, 8, 8)], /not a picture/],
  ['lossy WebP', riff('VP8 ', 0, 0, 0, 0x9d, 1, 0x2a, ...two(16383), ...two(16383)), /16383 × 16383 pixels/],
  ['lossless WebP', riff('VP8L', ...lossless(16383)), /16383 × 16383 pixels/],
  ['extended WebP', riff('VP8X', ...four(0), ...three(16383), ...three(16383)), /16384 × 16384 pixels/],
  ['GIF', gif(65535, 1), /65535 × 65535 pixels/],
  ['GIF with a frame that is larger', gif(1, 65535), /65535 × 65535 pixels/],
  ['BMP', bmp(50_000, 50_000), /50000 × 50000 pixels/],
  ['BMP from the top', bmp(50_000, -50_000), /50000 × 50000 pixels/],
  ['BMP of OS/2', [...bmp(1, 1).slice(0, 14), ...four(12), ...two(50_000), ...two(50_000)], /50000 × 50000 pixels/],
  ['BMP that holds a PNG', bmp(1, 1, 5), /not a picture/],
  ['AVIF', [0, 0, 0, 24, ...text('ftypavif'), ...new Array(99).fill(0)], /not a picture, or not of these formats/],
])('%s', async (_, bytes, message) => {
  await expect(open(Uint8Array.from(bytes))).rejects.toThrow(new RegExp(`real_x (has|is) ${message.source}`));
});

test.each(['png', 'jpeg', 'webp'])('a good %s is read', async (type) => {
  const canvas = new OffscreenCanvas(300, 200);
  const context = canvas.getContext('2d')!;
  context.fillStyle = 'white';
  context.fillRect(0, 0, 150, 200);
  const { x } = await open(await canvas.convertToBlob({ type: `image/${type}` }));
  expect(x.data[0]! - x.data[127]!).toBeCloseTo(1, 1);
});

test('an extended WebP whose picture is larger than it says is damaged', async () => {
  const canvas = new OffscreenCanvas(64, 64);
  canvas.getContext('2d');
  const blob = await canvas.convertToBlob({ type: 'image/webp' });
  const chunks = [...new Uint8Array(await blob.arrayBuffer())].slice(12);
  const own = chunks.slice(chunks[3] === 0x58 ? 18 : 0); // without a VP8X chunk
  const extended = (side: number) => {
    const content = [...text('VP8X'), ...four(10), 0x10, 0, 0, 0, ...three(side - 1), ...three(side - 1), ...own];
    return open(Uint8Array.from([...text('RIFF'), ...four(4 + content.length), ...text('WEBP'), ...content]));
  };
  expect((await extended(64)).x.shape).toEqual([2, 128, 128, 1]);
  await expect(extended(1)).rejects.toThrow(/real_x is damaged/);
});

test.each([
  ['gif', gif(1, 1)],
  ['bmp', bmp(1, 1)],
])('a good %s is read', async (_, bytes) => {
  expect((await open(Uint8Array.from(bytes))).x.shape).toEqual([2, 128, 128, 1]);
});
