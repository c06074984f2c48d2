/** Two tabs train at once, and a worker is ended in mid-step. In a browser of its own, whose GPU process they share. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { download, SMALL_BASELINE, TINY, type Visit } from './visitor.ts';

const built = builtPage();
const { downloads, open } = built;

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
