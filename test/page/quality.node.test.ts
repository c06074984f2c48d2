/** Is the page for everybody, and does it stay smooth? axe-core in both themes and on a phone, layout shifts, long tasks. */
import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import { builtPage } from './builtPage.ts';
import { SMALL_BASELINE, type Visit, visit } from './visitor.ts';

const built = builtPage();

/** A page that has trained and tested, with every section filled. */
async function openTrained(): Promise<Visit> {
  const visitor = await built.open(SMALL_BASELINE);
  const { page, click } = visitor;
  await click('Start');
  await page.$eval('#network', (section) => section.scrollIntoView());
  await visitor.see('.maps canvas');
  await visitor.text('.transport-text', /epoch [2-9] of/);
  await page.$eval('#machine', (section) => section.scrollIntoView());
  await visitor.see('.schedule tbody');
  await click('Stop training');
  await visitor.text('.transport-text', /^ready/);
  await click('Test now');
  await visitor.see('.confusion');
  return visitor;
}

test('axe finds nothing: both themes, desktop and phone, dialogs, an error', async () => {
  const { page, click, text, see } = await openTrained();
  for (const width of [1280, 390]) {
    await page.setViewport({ width, height: 900 });
    for (const theme of ['dark', 'light']) {
      await click(`Switch to the ${theme} theme`).catch(() => {}); // it is that one
      expect(await page.$eval('html', (html) => html.dataset.theme)).toBe(theme);
      expect(await violations(page)).toEqual([]);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0); // nothing makes the page scroll sideways
  }
  await page.setViewport({ width: 1280, height: 900 });
  await click('Share settings');
  await see('dialog[open]');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.$eval('.schedule tbody .link-button', (button) => (button as HTMLElement).click());
  await text('.source', /@compute/);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.locator('input[aria-label="layer 1, conv2d: kernel"]').fill('500');
  await text('.layer-problem', /500/);
  expect(await violations(page)).toEqual([]);
  await page.close();
});

test('axe finds nothing where there is no WebGPU', async () => {
  const { page, text, see } = await visit(built.browser, built.site.urlWithoutGpu);
  await text('.no-gpu', /WebGPU/);
  await see('.guess canvas');
  expect(await violations(page)).toEqual([]);
  await page.close();
});

test('all of it can be reached by keyboard', async () => {
  const { page } = await openTrained();
  const names = new Set<string>();
  await page.evaluate(() => scrollTo(0, 0));
  await page.focus('.skip');
  for (let i = 0; i < 400; i++) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      return (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60);
    });
    names.add(name);
  }
  for (const wanted of ['Start', 'Add layer', 'Test now', 'kernel 1 of 32', 'Copy as text', 'Choose files']) {
    expect([...names].some((name) => name.startsWith(wanted))).toBe(true);
  }
  await page.close();
});

test('nothing moves while it trains, and the page stays awake', async () => {
  const visitor = await visit(built.browser, 'about:blank');
  const { page, click } = visitor;
  await page.evaluateOnNewDocument(() => {
    const seen = { shifts: [] as number[], tasks: [] as number[] };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
        if (!hadRecentInput) seen.shifts.push(value);
      }
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(built.site.url + SMALL_BASELINE);
  await visitor.text('.transport-text', /^ready/);
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime);
  console.log(`first paint after ${paint.toFixed(0)} ms`);
  await click('Start');
  await visitor.text('.transport-text', /epoch 2 of/);
  type Seen = { seen: { shifts: number[]; tasks: number[] } };
  const reset = () =>
    page.evaluate(() => {
      const { seen } = window as unknown as Seen;
      seen.shifts.length = 0;
      seen.tasks.length = 0;
    });
  for (const id of ['data', 'model', 'training', 'network', 'machine']) {
    await page.$eval(`#${id}`, (section) => section.scrollIntoView());
    await new Promise((done) => setTimeout(done, 1500)); // what is seen for the first time is drawn
    await reset();
    await new Promise((done) => setTimeout(done, 3000));
    const { shifts, tasks } = await page.evaluate(() => (window as unknown as Seen).seen);
    const moved = shifts.reduce((sum, shift) => sum + shift, 0);
    const longest = Math.max(0, ...tasks).toFixed(0);
    console.log(
      `${id}: layout shift ${moved.toFixed(4)}, ${tasks.length} tasks over 50 ms in 3 s, the longest ${longest} ms`,
    );
    expect(moved).toBeLessThan(0.001);
  }
  await page.close();
});
