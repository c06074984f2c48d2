/** The self-test as a visitor sees it, in a browser, from the built page: also the whole of it on this browser's adapter. */
import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import { builtPage } from './builtPage.ts';
import { visit } from './visitor.ts';

const built = builtPage();

/** All kernels, on the CPU, with other tests beside. */
const MINUTES = 60_000;

test('tests the device: cancels, and tells what it found', {
  timeout: 20 * MINUTES,
}, async () => {
  const visitor = await visit(built.browser, `${built.site.url}machine.html`);
  const { page, click, text, see, complaints, requests } = visitor;
  await text('.measure', /GPU time of one measured step/);
  const code = () => requests.filter((url) => /selfTest/.test(url)).length;
  expect(code(), 'nobody has asked for it').toBe(0);

  await click('Test this device');
  await text('.self-test .progress', /\d %/, 5 * MINUTES);
  expect(code()).toBeGreaterThan(0);
  await expect.poll(() => page.workers().length, { timeout: MINUTES }).toBe(2);
  await click('Cancel the test');
  await click('Test this device');
  await expect.poll(() => page.workers().length, { timeout: MINUTES }).toBe(2); // the first one is gone

  await page.waitForSelector('.verdict-line', { timeout: 18 * MINUTES });
  expect(await text('.verdict-line', /./)).toMatch(
    /^All \d+ runs are right\. The largest error takes \d+ % of what float32/,
  );
  await expect.poll(() => page.workers().length, { timeout: MINUTES }).toBe(1); // its worker is gone
  expect(await text('.self-test tbody', /./)).toMatch(/conv2d\d+\d+–/);
  expect(await violations(page)).toEqual([]);

  // The clipboard, and where a browser does not give it.
  const report = await page.$eval('.self-test textarea', (area) => (area as HTMLTextAreaElement).value);
  expect(report).toMatch(/^## neurite self-test: all \d+ runs are right\n/);
  await page.evaluate(() => {
    const seen = { text: '' };
    Object.assign(window, { seen });
    navigator.clipboard.writeText = async (text) => {
      seen.text = text;
    };
  });
  await click('Copy report');
  await text('.self-test', /Copied/);
  expect(await page.evaluate(() => (window as unknown as { seen: { text: string } }).seen.text)).toBe(report);
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
  });
  await click('Copied');
  await see('.self-test details[open] textarea:focus');
  expect(await page.evaluate(() => getSelection()!.toString())).toBe(report);
  expect(complaints).toEqual([]);
});

test('without a GPU there is nothing to test', async () => {
  const { page, text } = await visit(built.browser, `${built.site.urlWithoutGpu}machine.html`);
  await text('.self-test', /It needs a GPU/);
  expect(await page.$eval('.self-test .button', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
});
