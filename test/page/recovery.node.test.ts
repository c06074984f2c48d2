/** The GPU process dies: training goes on, and ends as if nothing had been. In a browser of its own, which may suffer. */
import { expect, test } from 'vitest';
import { killGpuProcess } from '../../tools/browser.ts';
import { builtPage } from './builtPage.ts';
import { SMALL_BASELINE, TINY } from './links.ts';
import { finished, listenTo, type Visit, visit } from './visitor.ts';

const built = builtPage();
const { downloads, open } = built;

/** The browser itself notes the loss; nothing else may complain. */
const others = (complaints: string[]) =>
  complaints.filter((text) => !/external Instance reference no longer exists/.test(text));

/** Kills the GPU process. @returns what the page says of it */
async function loseGpu({ page, text }: Visit): Promise<string> {
  // Of a loss before, the page may still tell.
  await page.$$eval('.notice', (notices) => {
    for (const { classList } of notices) classList.add('seen');
  });
  await killGpuProcess(built.browser);
  return text('.notice:not(.seen)', /The GPU was lost/);
}

test('a run ends with the same bits; a model survives while nothing runs', async () => {
  const visitor = await open(TINY);
  const { click, text, see, complaints } = visitor;
  await click('Start');
  const undisturbed = await finished(visitor, 'own network #1', downloads);
  await click('Start');
  await click('Pause'); // however fast the machine, it is not done when the GPU process dies
  await see('.transport-text[data-state="paused"]');
  await click('Resume');
  expect(await loseGpu(visitor)).toMatch(/goes on from its last snapshot, after step \d+/);
  const disturbed = await finished(visitor, 'own network #2', downloads);
  expect(disturbed.equals(undisturbed)).toBe(true);
  // Nothing runs: the model is put onto the next device.
  const score = await text('.score', /test images right/);
  await killGpuProcess(built.browser);
  const said = await listenTo(visitor, '.transport-text');
  await click('Test now');
  await expect.poll(said).toContain('testing');
  await text('.transport-text', /^ready$/);
  expect(await text('.score', /test images right/)).toBe(score);
  expect(others(complaints)).toEqual([]);
});

test('the baseline goes on, paused and not', async () => {
  const visitor = await open(SMALL_BASELINE);
  const { click, text, see, complaints } = visitor;
  await click('Start');
  await killGpuProcess(built.browser); // before the first step: nothing is lost
  await text('.transport-text', /training: epoch ([2-9]|\d\d)/);
  await click('Pause');
  await see('.transport-text[data-state="paused"]');
  await loseGpu(visitor);
  await see('.transport-text[data-state="paused"]'); // it stays paused
  const epoch = async () => Number(/epoch (\d+)/.exec(await text('.transport-text', /epoch \d/))![1]);
  const reached = await epoch();
  await click('Resume');
  await expect.poll(epoch).toBeGreaterThan(reached);
  await click('Stop training');
  await text('.transport-text', /^ready/);
  expect(others(complaints)).toEqual([]);
});

test('a self-test whose GPU dies says that first, and shows what was done until then', async () => {
  const { page, click, text, complaints } = await visit(built.browser, `${built.site.url}machine.html`);
  await text('.measure', /GPU time of one measured step/);
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
});
