/** The landing page by a visitor: a round by keys, mouse and finger, beside a network that learns; also without WebGPU. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { visit } from './visitor.ts';

const built = builtPage();

const textOf = (page: Page, selector: string) => page.$eval(selector, (element) => element.textContent ?? '');
/** What a canvas shows. */
const drawing = (page: Page, selector: string) =>
  page.$eval(selector, (canvas) => (canvas as HTMLCanvasElement).toDataURL());
const PICTURE = '.landing-picture canvas';
const FIRST_MAP = '.landing-maps canvas';

/** Longer than a picture must have been there before an answer counts, on a machine that is not slow. */
const LOOK_MS = 1000;

/** Answers until it counts: what comes too soon does nothing. */
async function answerWith(page: Page, act: () => Promise<unknown>): Promise<string> {
  const before = await textOf(page, '.landing-count');
  await expect
    .poll(async () => {
      await act();
      return textOf(page, '.landing-count');
    })
    .not.toBe(before);
  return textOf(page, '.landing-count');
}

/** Answers all that is left: keys that come too soon do nothing. */
async function playOn(page: Page): Promise<void> {
  while (await page.$(PICTURE)) await page.keyboard.press('r');
}

/** Opens the page, at a first picture. */
async function arrive(base: string) {
  const visitor = await visit(built.browser, `${base}index.html`);
  await visitor.text('.landing-count', /Picture 1 of 10/);
  await visitor.see('.landing-buttons button:not(:disabled)');
  return visitor;
}

test('a round against a network that learns: each answer at once, the network after it, a result in words', async () => {
  const { page, click, text, complaints } = await arrive(built.site.url);
  // Keys work without a click, and the next picture is there at once.
  const before = await drawing(page, PICTURE);
  expect(await answerWith(page, () => page.keyboard.press('r'))).toBe('Picture 2 of 10');
  expect(await textOf(page, '.landing-feedback')).toMatch(/(Right|Wrong): picture 1 is (real|fake)\./);
  expect(await drawing(page, PICTURE)).not.toBe(before);
  expect(await answerWith(page, () => page.keyboard.press('ArrowRight'))).toBe('Picture 3 of 10');
  // A key with Ctrl is the browser's.
  await sleep(LOOK_MS);
  await page.keyboard.down('Control');
  await page.keyboard.press('f');
  await page.keyboard.up('Control');
  expect(await textOf(page, '.landing-count')).toBe('Picture 3 of 10');
  expect(await answerWith(page, () => page.click('.landing-buttons button'))).toBe('Picture 4 of 10');
  // Pixels, not smoothed.
  expect(await page.$eval(PICTURE, (canvas) => getComputedStyle(canvas).imageRendering)).toBe('pixelated');
  // It learns without a press: maps and numbers change.
  await text('.landing-state', /learning: step [1-9]/);
  const map = await drawing(page, FIRST_MAP);
  await expect.poll(() => drawing(page, FIRST_MAP)).not.toBe(map);
  await expect.poll(() => page.$eval('.landing-curve .training', (line) => line.getAttribute('points'))).toMatch(/ /);
  await text('.landing-feedback', /Right after you, the network said (real|fake), \d\d % sure\./);
  expect(await page.$eval('figcaption', ({ textContent }) => textContent)).toBe('your last picture');
  await playOn(page);
  expect(await text('.landing-winner', /of 10 right, (the network|you) |the network have/)).toMatch(
    /^(You were|The network was|Nobody was) better: /,
  );
  const scores = await page.$$eval('.landing-board [scope="row"]', (all) => all.map((row) => row.textContent));
  expect(scores[0]).toMatch(/^You \d+$/);
  expect(scores[1]).toMatch(/^The network \d+$/);
  const marks = await page.$$eval('.landing-board tbody tr', (rows) =>
    rows.map((row) => row.querySelectorAll('.right').length),
  );
  expect(scores).toEqual([`You ${marks[0]}`, `The network ${marks[1]}`]);
  // The keys of answers do nothing now; another round has other pictures.
  await page.keyboard.press('r');
  await click('Another round');
  await text('.landing-count', /Picture 1 of 10/);
  expect(await drawing(page, PICTURE)).not.toBe(before);
  expect(complaints).toEqual([]);
});

test('a picture that was not seen is not answered: by a key pressed twice or held, or by a double click', async () => {
  const { page, complaints } = await arrive(built.site.url);
  const press = (...keys: { key: string; repeat: boolean }[]) =>
    page.evaluate((keys) => {
      for (const key of keys) document.body.dispatchEvent(new KeyboardEvent('keydown', { ...key, bubbles: true }));
    }, keys);
  const once = { key: 'f', repeat: false };
  expect(await answerWith(page, () => press(once, once))).toBe('Picture 2 of 10');
  await sleep(LOOK_MS);
  await press({ key: 'f', repeat: true });
  expect(await textOf(page, '.landing-count')).toBe('Picture 2 of 10');
  const doubleClick = () =>
    page.$eval('.landing-buttons button', (button) => {
      (button as HTMLElement).click();
      (button as HTMLElement).click();
    });
  expect(await answerWith(page, doubleClick)).toBe('Picture 3 of 10');
  expect(complaints).toEqual([]);
});

test('the training pauses, goes on, and starts over', async () => {
  const { page, click, text, complaints } = await arrive(built.site.url);
  await text('.landing-state', /learning: step [2-9]/);
  await click('Pause');
  await text('.landing-state', /paused at step/);
  // The step under way ends; then nothing changes.
  const step = () => textOf(page, '.landing-state');
  let seen = await step();
  await expect
    .poll(
      async () => {
        const last = seen;
        seen = await step();
        return last === seen;
      },
      { interval: 1500 },
    )
    .toBe(true);
  await click('Go on');
  await expect.poll(step).not.toBe(seen.replace('paused at', 'learning:'));
  await text('.landing-legend', /animals new to it: \d+ % \(\d+ of 96\)/);
  await click('Start over');
  await text('.landing-legend', /animals new to it: …/);
  await text('.landing-state', /learning: step [2-9]/);
  expect(complaints).toEqual([]);
});

test('without WebGPU the game works, beside a network that was trained before', async () => {
  const { page, text, complaints } = await arrive(built.site.urlWithoutGpu);
  await text('.landing-note', /no GPU that this page may use.*trained before/);
  await text('.landing-legend', /animals new to it: \d\d % \(\d+ of 96\)/);
  await text('.landing-output', /0\.\d{3}by hand/);
  await answerWith(page, () => page.keyboard.press('f'));
  await text('.landing-feedback', /picture 1 is (real|fake)\. Right after you, the network said (real|fake)/);
  await playOn(page);
  await text('.landing-winner', /better: /);
  expect(await page.$$eval('.landing-board tbody tr:last-child td > span', (all) => all.length)).toBe(10);
  expect(complaints).toEqual([]);
});

test.each([
  [1280, 640, ['.landing-game', '.landing-network', '.landing-on']],
  [390, 844, ['.landing-game', '.landing-network-head', '.landing-legend', '.landing-curve']],
])('%i x %i shows the game, the network and the score without scrolling', async (width, height, selectors) => {
  const { page, complaints } = await arrive(built.site.url);
  await page.setViewport({ width, height });
  for (const selector of selectors) {
    const { bottom, right } = await page.$eval(selector, (element) => {
      const { bottom, right } = element.getBoundingClientRect();
      return { bottom, right };
    });
    expect(bottom, selector).toBeLessThanOrEqual(height);
    expect(right, selector).toBeLessThanOrEqual(width);
  }
  expect(complaints).toEqual([]);
});
