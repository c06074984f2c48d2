/** The built page in Firefox: it trains a network to the end and tests it, without a complaint. */
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { findFirefox, launchFirefox } from '../../tools/firefox.ts';
import { builtPage } from './builtPage.ts';
import { TINY } from './links.ts';
import { scrollThrough } from './visitor.ts';

/** How long one thing on the page may take on two slow cores without a GPU, with other tests beside. */
const PATIENCE = 120_000;

const found = await findFirefox();
const built = found && builtPage(() => launchFirefox(found));

/** Opens the page. Visitor.ts asks for more than WebDriver BiDi has, by which Firefox is driven. */
async function open(): Promise<{ page: Page; complaints: string[] }> {
  const page = await built!.browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  await page.goto(`${built!.site.url}lab.html${TINY}`);
  await scrollThrough(page);
  return { page, complaints };
}

/** Waits until the text of an element is as wanted. */
async function text(page: Page, selector: string, wanted: RegExp): Promise<string> {
  const read = () => page.$eval(selector, (element) => element.textContent ?? '').catch(() => '');
  await expect.poll(read, { timeout: PATIENCE, message: selector }).toMatch(wanted);
  return read();
}

test('trains in Firefox, and tells how good it is', { timeout: 4 * PATIENCE }, async (context) => {
  if (!found) {
    context.skip('no Firefox of version 141 or later on this machine; `npm test -- --project firefox` installs one');
  }
  const { page, complaints } = await open();
  await text(page, '.transport-text', /^ready/);
  const start = await page.waitForSelector('.transport .main:not(:disabled)', { timeout: PATIENCE });
  await start!.evaluate((button) => (button as HTMLElement).click());
  await text(page, '.runs tbody tr:last-child', /own network #1.*done/);
  expect(await text(page, '.score', /test images right/)).toMatch(/own network #1/);
  expect(await page.$eval('.transport-text', (element) => element.textContent)).toBe('ready');
  expect(complaints).toEqual([]);
});
