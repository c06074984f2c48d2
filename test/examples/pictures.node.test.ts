/** The examples that learn pictures, each used as a visitor does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { barsOf, drawOn, servedExamples, statusNumber, TRAINING } from './examples.ts';

const examples = servedExamples();
const root = resolve(import.meta.dirname, '../..');

test('classifier: learns shapes, knows a drawing, and learns from added ones and from the camera', async () => {
  const visitor = await examples.open('classifier');
  const { click, text, page, complaints } = visitor;
  const right = /^epoch 10: (\d+) % right$/;
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

  await click('Camera');
  const isColoured = () =>
    page.$eval('canvas', (canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, 64, 64);
      return data.some((value, i) => i % 4 === 0 && value !== data[i + 1]);
    });
  await expect.poll(isColoured).toBe(true);
  for (const row of [1, 2, 3]) {
    await click('Add', `.row:nth-of-type(${row})`);
    await text('#status', new RegExp(`^${row} pictures: train`));
  }
  await click('Train');
  await text('#status', right, TRAINING);
  expect(complaints).toEqual([]);
});

test('classifier: page and program have at most 60 lines', () => {
  const folder = join(root, 'examples/classifier');
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(60);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(150);
});

test('digits: stops early, is kept by the browser, and reads a drawn digit', async () => {
  const visitor = await examples.open('digits');
  const { click, text, page, complaints } = visitor;
  const trained = await statusNumber(visitor, /^Trained, and kept in this browser: ([\d.]+) % of 300 unseen digits/);
  expect(trained).toBeGreaterThanOrEqual(90);
  expect(Number(await page.$eval('#curves', (element) => (element as HTMLElement).dataset.epochs))).toBeLessThan(40);
  expect((await page.$$('#curves canvas')).length).toBe(2);
  expect((await page.$$('#confusion table')).length).toBe(1);

  await page.reload();
  const loaded = await statusNumber(visitor, /^Loaded from this browser: ([\d.]+) % of 300 unseen digits/);
  expect(loaded).toBe(trained);
  await drawOn(visitor, 'canvas', [
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
