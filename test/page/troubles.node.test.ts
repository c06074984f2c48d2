/** What a visitor gets to see where something is not as it should be: networks, files, settings. */
import { readFileSync } from 'node:fs';
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { hashOf, linear, settingsOf, TINY } from './links.ts';
import { download, scrollThrough, visit } from './visitor.ts';

const built = builtPage();

test('a network that has run away: it is lost, and its test is none', async () => {
  const { page, click, text, complaints } = await built.open(linear(10, 400));
  await click('Start');
  await text('.notice.problem', /not finite/);
  await text('.transport-text', /^ready/);
  expect(await text('.runs tbody', /failed: .* is not finite since step (\d+) \(epoch 1, step \1 of 7\)/)).toBeTruthy();
  await click('Close this message');
  await click('Train on');
  expect(await text('.notice.problem', /not finite/)).toMatch(
    /since step 1 \(epoch 1, step 1 of 7\); the network is lost: start anew with a smaller learning rate\./,
  );
  await text('.transport-text', /^ready/);
  await click('Test now');
  await text('.test .empty', /its logits are no numbers any more/);
  expect(await page.$('.confusion')).toBeNull();
  const row = await page.$$eval('.runs tbody tr:last-child .number', (all) => all.map((cell) => cell.textContent));
  expect(row.slice(2, 4)).toEqual(['–', '–']);
  expect(complaints).toEqual([]);
  await page.close();
});

test('model files are dropped anywhere, and told by their names', async () => {
  const visitor = await built.open(TINY);
  const { page, click, text, complaints } = visitor;
  await click('Start');
  await text('.transport-text', /epoch [1-9]\d* of/);
  await click('Stop training');
  await text('.transport-text', /^ready/);
  const model = readFileSync(await download(visitor, built.downloads));
  const bad = new Uint8Array(5);
  await dropOn(page, '#training', 'bad.safetensors', bad);
  await text('.notice.problem', /bad\.safetensors is no model that was saved here, or it is damaged\.Details/);
  // The next one about files takes its place.
  await visitor.drop([{ name: 'none.safetensors', bytes: new Uint8Array(0) }]);
  await text('.notice.problem', /none\.safetensors is empty\./);
  expect(await page.$$eval('.notice.problem', (all) => all.length)).toBe(1);
  await visitor.drop([
    { name: 'a.safetensors', bytes: bad },
    { name: 'real.png', bytes: bad },
  ]);
  await text('.notice.problem', /a\.safetensors is a model/);
  await dropOn(page, '#training', 'real.png', bad);
  await text('.notices', /Drop images on the section Data/);
  await dropOn(page, '#training', 'mine.safetensors', model);
  await text('.runs', /In the network now: mine\.safetensors/);
  expect(await page.$('.notice.problem')).toBeNull();
  await text('.runs tbody tr:last-child', /not known: opened from a file/);
  await visitor.drop([{ name: 'mine.safetensors', bytes: model }]);
  await text('.runs', /In the network now: mine\.safetensors #3/);
  expect(complaints).toEqual([]);
  await page.close();
});

test('without images it says how to get some', async () => {
  const link = hashOf({ ...settingsOf(TINY), data: { imagesPerClass: 8, seed: 0, roles: '-'.repeat(10) } });
  const { page, click, see, text, unfold, complaints } = await visit(built.browser, `${built.site.url}lab.html${link}`);
  await unfold();
  await text('.inventory', /There are no images: give a segment a use\./);
  await text('.transport-text', /No segment is chosen to train on/);
  await click('Train on segments 0 and 1');
  await text('.inventory', /of segments 0, 1, 7, 8 and 9/);
  await see('.transport .main:not(:disabled)');
  expect(complaints).toEqual([]);
  await page.close();
});

test('the picture is drawn before a first layer that does not fit', async () => {
  const { page, type, text, unfold, complaints } = await built.open(TINY);
  await unfold();
  await type('layer 1, maxPool2d: window', '500');
  await text('.layer-problem', /500/);
  expect(await text('.net', /✕/)).toContain('128 × 128 × 1');
  expect(complaints).toEqual([]);
  await page.close();
});

test('without a GPU the page says why there is nothing to see', async () => {
  const { page, text } = await visit(built.browser, `${built.site.urlWithoutGpu}lab.html`);
  await scrollThrough(page);
  for (const part of ['#bench', '#network']) await text(part, /Without a GPU there is no network to look into/);
  await page.close();
});

test.each([1280, 1121, 390])('the table of runs fits into a window of %d pixels', async (width) => {
  const { page, click, text } = await built.open(TINY);
  await page.setViewport({ width, height: 900 });
  await click('Start');
  await text('.transport-text', /epoch [1-9]\d* of/);
  await click('Stop training');
  await text('.runs tbody', /stopped/);
  const over = await page.$eval('.runs .scroll', ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  expect(over).toBe(0);
  const right = await page.$eval('.actions .button:last-child', (button) => button.getBoundingClientRect().right);
  expect(right).toBeLessThan(width);
  await page.close();
});

/** Drops one file somewhere on the page. */
async function dropOn(page: Page, selector: string, name: string, bytes: Uint8Array): Promise<void> {
  await page.$eval(
    selector,
    (target, name, base64) => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        target.dispatchEvent(new DragEvent(type, { dataTransfer: dropped, bubbles: true, cancelable: true }));
      }
    },
    name,
    Buffer.from(bytes).toString('base64'),
  );
}
