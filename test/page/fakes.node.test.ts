/** The page about fakes by a visitor: a generator learns, ten pictures are judged, a kernel paints, and the lab gets the fakes. */
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { scrollThrough, visit } from './visitor.ts';

const built = builtPage();

const OWN = '.gan-swap canvas';
const drawing = (page: Page, selector: string) =>
  page.$eval(selector, (canvas) => (canvas as HTMLCanvasElement).toDataURL());
const textOf = (page: Page, selector: string) => page.$eval(selector, (element) => element.textContent ?? '');

test('a generator learns without a press; its fakes are judged, and go to the lab', async () => {
  const { page, click, text, complaints, see } = await visit(built.browser, `${built.site.url}fakes.html`);
  // The stored fakes are there at once, and the page's own change.
  await see('.gan figure canvas[data-live]');
  await text('.gan-state', /Your generator learns: step [1-9]/);
  const before = await drawing(page, OWN);
  await expect.poll(() => drawing(page, OWN)).not.toBe(before);
  await expect
    .poll(() => page.$eval('.generator polyline:not(.stored)', (line) => line.getAttribute('points')))
    .toMatch(/ /);
  await text('.gan-legend', /yours \d+\.\d/);

  await click('Pause');
  await text('.gan-state', /Your generator pauses at step/);
  const caption = () => textOf(page, '.gan figcaption');
  expect(await caption()).toMatch(/trained before/);
  await page.click('.gan-swap');
  await expect.poll(caption).toMatch(/Fakes, by your generator, step \d/);
  await page.click('.gan-swap');
  await expect.poll(caption).toMatch(/trained before/);

  for (let i = 1; i <= 10; i++) {
    await text('.guess-count', new RegExp(`Picture ${i} of 10`));
    await click(i % 2 ? 'Fake' : 'Recording', '#guess');
    await text('.guess-result', new RegExp(`(Right|Wrong): picture ${i} is a (fake|recording)`));
  }
  await text('.guess-result', /The discriminator that learns in this page, after \d+ steps: \d+ of the same 10/);
  const right = await page.$$eval('.guess-marks .right', (all) => all.length);
  expect(await textOf(page, '.guess-result')).toMatch(new RegExp(`You got ${right} of 10 right`));
  await click('New round');
  await text('.guess-count', /Picture 1 of 10/);

  await click("Train the lab's classifier on these fakes");
  await page.waitForFunction(() => location.pathname.endsWith('lab.html') && location.hash === '#handed-over');
  await scrollThrough(page);
  await text('.notice', /made by the generator that was trained before: \d+ of them, beside as many recordings/);
  await text('.transport-text', /^ready/);
  await expect.poll(() => textOf(page, '#data')).toMatch(/These are the pictures of the page about fakes\./);
  expect(await textOf(page, '.transport-numbers div:last-child button')).toBe('new pictures');
  expect(await textOf(page, '.transport-numbers div:last-child dd')).toBe('–');
  expect(await textOf(page, '.test')).toMatch(
    /^Test on new picturesThe test pictures are new, but of the days that it trains on\./,
  );
  expect(complaints).toEqual([]);
});

test('a kernel paints: stamps, sums, sliders; every number of the GPU is that by hand', async () => {
  const { page, text, complaints, see } = await visit(built.browser, `${built.site.url}fakes.html`);
  await see('#painting [data-verified]');
  expect(await textOf(page, '#painting .sum')).toBe('y[2, 2] = 1 · 1 + 2 · 1 + 3 · 1 + 1 · 1 = 7');
  await page.hover('#painting [aria-label="Map, row 1, column 2"]');
  await text('#painting .sum', /^x\[0, 1\] = 2 stamps 2 · K onto 3 × 3 pixels, from y\[0, 2\] on\.$/);
  expect(await page.$$eval('.in-stamp', (all) => all.length)).toBe(9);
  await page.hover('.painting-result button:nth-child(1)');
  await text('#painting .sum', /^y\[0, 0\] = 1 · 1 = 1$/);

  expect(await textOf(page, '.checkerboard')).toMatch(/^A checkerboard: .* 1, 2 or 4 times/);
  await page.focus('.painting-side input');
  await page.keyboard.press('ArrowRight');
  await text('.checkerboard', /^Even: .* 4 times\./);
  await text('#painting', /All 64 numbers: GPU = by hand/);
  // A number that is typed paints at once.
  await page.click('#painting [aria-label="Map, row 1, column 1"]', { count: 3 });
  await page.keyboard.type('-5');
  await page.hover('.painting-result button:nth-child(1)');
  await text('#painting .sum', /^y\[0, 0\] = −5 · 1 = −5$/);
  await text('#painting .facts', /y\[0, 0\] = −5 GPU = by hand/);
  const products = await page.$$eval('.identity strong', (all) => all.map(({ textContent }) => textContent));
  expect(products[0]).toBe(products[1]);
  expect(complaints).toEqual([]);
});

test('without WebGPU: the run from before, ten pictures to judge, and a kernel that paints by hand', async () => {
  const { click, text, complaints, see } = await visit(built.browser, `${built.site.urlWithoutGpu}fakes.html`);
  await see('.gan figure canvas[data-live]');
  await text('.gan-state', /Nothing trains here without WebGPU: you see a run from before\./);
  for (let i = 1; i <= 10; i++) {
    await text('.guess-count', new RegExp(`Picture ${i} of 10`));
    await click('Fake', '#guess');
  }
  await text('.guess-result', /You got \d+ of 10 right/);
  await text('#painting', /All 49 numbers: by hand \(float64\)/);
  expect(complaints).toEqual([]);
});
