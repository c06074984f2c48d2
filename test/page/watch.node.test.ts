/** Training whose steps are too large: the page stops it, and says where and since when, and what helps. */
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import { builtPage } from './builtPage.ts';
import { linear } from './links.ts';

const built = builtPage();

test('an absurd learning rate', async () => {
  const { page, click, text, type, unfold, complaints } = await built.open(linear(0.001, 1000));
  await unfold();
  await type('Learning rate', '10');
  await click('Start');
  const notice = await text('.notice.problem', /not finite/);
  expect(notice).toMatch(
    /^Training failed: (the loss|the (output|gradient|weight) of layer \w+) is not finite since step \d+ \(epoch \d+, step \d+ of \d+\); a smaller learning rate helps\./,
  );
  expect(notice).toMatch(/Start anew with a rate of 1(\D|$)/); // and a button that does it
  await text('.transport-text', /^ready/);
  await text('.runs tbody tr:last-child', /failed/);
  expect(await page.$$eval('.notice', (all) => all.length)).toBe(1);
  // All steps before it are shown.
  const [, epoch, step] = /epoch (\d+), step (\d+)/.exec(notice)!;
  expect(Number(step)).toBeGreaterThan(1);
  await text('.numbers', new RegExp(`step${Number(step) - 1} of 7, epoch ${epoch} of 1000`));
  expect(await text('.transport', /new animals/)).not.toContain('NaN');
  expect(await inBothThemes(page)).toEqual([]);
  // With a smaller one it trains, watched.
  await click('Close this message');
  await type('Learning rate', '0.001');
  await click('Start');
  await text('.transport-text', /training: epoch ([2-9]|\d\d)/);
  await click('Stop training');
  await text('.transport-text', /^ready/);
  expect(complaints).toEqual([]);
});

/** What axe finds in the light and in the dark theme. */
async function inBothThemes(page: Page): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const theme of ['light', 'dark']) {
    await page.evaluate((theme) => {
      document.documentElement.dataset.theme = theme;
    }, theme);
    found.push(...(await violations(page)));
  }
  return found;
}
