/** The page of the machine: it shows the step of a preset, and of the network that the lab links to, with a shader to read. */
import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import { builtPage } from './builtPage.ts';
import { tiny } from './links.ts';
import { switchTo, visit } from './visitor.ts';

const built = builtPage();

test('plans and measures the baseline without a press, and then another preset', async () => {
  const visitor = await visit(built.browser, `${built.site.url}machine.html`);
  const { page, text, see, click, complaints } = visitor;
  await text('.measure', /GPU time of one measured step/);
  expect(await text('.schedule tfoot', /dispatches/)).toMatch(/12 dispatches and the watch, batch of 32/);
  await page.$eval('.schedule tbody .link-button', (button) => (button as HTMLElement).click());
  expect(await text('.source', /@compute/)).toContain('fn ');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await see('.memory-bar');
  await page.select('#machine > .field select', 'improved');
  await text('.schedule tbody', /batchNorm/);
  await text('.measure', /GPU time of one measured step/);
  await click('Measure again');
  await text('.measure', /Measuring/);
  await text('.measure', /GPU time of one measured step/);
  expect(complaints).toEqual([]);
});

test("shows the lab's network, whose training is watched", async () => {
  const lab = await built.open(tiny());
  await lab.unfold();
  await lab.click('Add layer'); // an edit that the link holds
  await lab.text('#model', /conv2d_1/);
  await lab.click('Undo');
  const link = await lab.page.$eval('.to-machine a', (a) => (a as HTMLAnchorElement).href);
  await lab.page.close();
  const visitor = await visit(built.browser, link);
  const { page, text, see, complaints } = visitor;
  await text('.measure', /GPU time of one measured step/);
  await text('.schedule tfoot', /\d+ dispatches and the watch, batch of 4/);
  const chosen = await page.$eval(
    '#machine > .field select',
    (select) => (select as HTMLSelectElement).selectedOptions[0]!.text,
  );
  expect(chosen).toBe('the network of the lab');
  const phases = await page.$$eval('.schedule tr.phase', (rows) => rows.map((row) => row.textContent));
  const watch = 'watch: is all still finite?';
  expect(phases).toEqual(['data', 'forward', 'data', 'loss', 'backward', watch, 'optimizer', watch]);
  expect(await page.$$eval('.schedule tr.phase.check + tr', (rows) => rows.length)).toBe(2);
  await see('.memory-bar.check');
  for (const theme of ['dark', 'light']) {
    await switchTo(theme, visitor);
    expect(await violations(page)).toEqual([]);
  }
  expect(complaints).toEqual([]);
});

test('says that a link is damaged, and shows the baseline', async () => {
  const { text } = await visit(built.browser, `${built.site.url}machine.html#settings=nonsense`);
  await text('.notice.problem', /damaged/);
  await text('.measure', /GPU time of one measured step/);
});
