/** The GPU process dies: training goes on, and ends as if nothing had been. In a browser of its own, which may suffer. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killGpuProcess } from '../../tools/browser.ts';
import { builtPage } from './builtPage.ts';
import { SMALL_BASELINE, TINY, type Visit } from './visitor.ts';

const built = builtPage();
const { downloads, open } = built;

/** The browser itself notes the loss; nothing else may complain. */
const others = (complaints: string[]) =>
  complaints.filter((text) => !/external Instance reference no longer exists/.test(text));

/** Waits for the end of a run and its test, and gives the model's file. */
async function finished({ page, text, click }: Visit, run: string): Promise<Buffer> {
  await text(`.runs tbody tr:last-child`, new RegExp(`${run}.*done`));
  await text('.score', new RegExp(`test images right${run}`));
  const before = readdirSync(downloads).length;
  await click(`Download the model of ${run}`);
  await expect
    .poll(() => readdirSync(downloads).filter((name) => name.endsWith('.safetensors')).length)
    .toBe(before + 1);
  expect(await page.$eval('.transport-text', (element) => element.textContent)).toBe('ready');
  return readFileSync(join(downloads, `${run.replace(/[^\w]+/g, '-')}.safetensors`));
}

test('a run ends with the same bits; a model survives while nothing runs', async () => {
  const visitor = await open(TINY);
  const { page, click, text, complaints } = visitor;
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads });
  await click('Start');
  const undisturbed = await finished(visitor, 'own network #1');
  await click('Start');
  await text('.transport-text', /epoch [2-5]\d? of 60/);
  await killGpuProcess(built.browser);
  expect(await text('.notice', /The GPU was lost/)).toMatch(/goes on from its last snapshot, after step \d+/);
  const disturbed = await finished(visitor, 'own network #2');
  expect(disturbed.equals(undisturbed)).toBe(true);
  // Nothing runs: the model is put onto the next device.
  const score = await text('.score', /test images right/);
  await killGpuProcess(built.browser);
  await text('.chip', /software/);
  await click('Test now');
  await text('.measure', /./);
  expect(await text('.score', /test images right/)).toBe(score);
  expect(others(complaints)).toEqual([]);
  await page.close();
});

test('the baseline goes on, paused and not', async () => {
  const visitor = await open(SMALL_BASELINE);
  const { page, click, text, see, complaints } = visitor;
  await click('Start');
  await killGpuProcess(built.browser); // before the first step: nothing is lost
  await text('.transport-text', /epoch [2-9] of 40/);
  await click('Pause');
  await see('.transport-text[data-state="paused"]');
  await killGpuProcess(built.browser);
  await text('.notice', /The GPU was lost/);
  await see('.transport-text[data-state="paused"]'); // it stays paused
  await click('Resume');
  await text('.transport-text', /training: epoch [3-9] of 40/);
  await click('Stop training');
  await text('.transport-text', /^ready/);
  expect(others(complaints)).toEqual([]);
  await page.close();
});

test('a self-test whose GPU dies says that first, and shows what was done until then', async () => {
  const { page, click, text, complaints } = await open(TINY);
  await click('Test this device');
  await text('.self-test .progress', /\d %/);
  // Op 2 or later: something is done.
  await expect
    .poll(() => page.$eval('.self-test .progress', (element) => element.textContent))
    .not.toMatch(/^(a device|add)/);
  await killGpuProcess(built.browser);
  expect(await text('.verdict-line', /./)).toMatch(/^The GPU device was lost; all \d+ runs until then are right\./);
  expect(await page.$('.verdict-line.problem')).not.toBeNull();
  expect(await text('.self-test tbody', /./)).toMatch(/^add/);
  expect(await page.$eval('.self-test textarea', (area) => (area as HTMLTextAreaElement).value)).toMatch(
    /\n- ended early: the GPU device was lost \(unknown: .*\) while \w.* was tested\.\n/,
  );
  await click('Test this device again'); // on the next GPU
  await text('.self-test .progress', /\d %/);
  await click('Cancel the test');
  expect(others(complaints)).toEqual([]);
  await page.close();
});
