/** Two tabs train at once, and a worker is ended in mid-step. In a browser of its own, whose GPU process they share. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../tools/browser.ts';
import { buildSite, type ServedSite, serveSite } from '../../tools/site.ts';
import { download, SMALL_BASELINE, TINY, type Visit, visit } from './visitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-tabs-'));
const downloads = mkdtempSync(join(tmpdir(), 'neurite-tabs-models-'));
let site: ServedSite;
let browser: Browser;

beforeAll(async () => {
  await buildSite(folder);
  site = await serveSite(folder);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  site?.close();
  for (const path of [folder, downloads]) rmSync(path, { recursive: true, force: true });
});

async function open(hash: string): Promise<Visit> {
  const visitor = await visit(browser, site.url + hash);
  await visitor.see('.transport .main:not(:disabled)');
  await visitor.text('.transport-text', /^ready/);
  return visitor;
}

/** Waits for the end of the tab's run. @returns the model's file */
async function finished(visitor: Visit): Promise<Buffer> {
  await visitor.page.bringToFront(); // downloads, and what is drawn, are of the tab in front
  await visitor.text('.runs tbody tr:last-child', /done/);
  await visitor.text('.score', /test images right/);
  return readFileSync(await download(visitor, downloads));
}

test('two tabs that train at once end with the bits of one', async () => {
  const first = await open(TINY);
  await first.click('Start');
  const alone = await finished(first);
  await first.page.close();
  const tabs = [await open(TINY), await open(TINY)];
  for (const tab of tabs) {
    await tab.page.bringToFront();
    await tab.click('Start');
  }
  // Both at once: the first is not done yet when the second has begun.
  await tabs[1]!.text('.transport-text', /epoch \d/);
  expect(await tabs[0]!.page.$eval('.transport-text', (element) => element.textContent)).toMatch(/epoch \d/);
  for (const tab of tabs) expect((await finished(tab)).equals(alone)).toBe(true);
  for (const { page, complaints } of tabs) {
    expect(complaints).toEqual([]);
    await page.close();
  }
});

test('a tab that is closed in mid-step leaves the other one alone', async () => {
  const stays = await open(TINY);
  const goes = await open(SMALL_BASELINE);
  await goes.click('Start');
  await goes.text('.transport-text', /epoch \d/);
  await stays.page.bringToFront();
  await stays.click('Start');
  await stays.text('.transport-text', /epoch \d/);
  await goes.page.close();
  await finished(stays);
  expect(stays.complaints).toEqual([]);
  await stays.page.close();
});
