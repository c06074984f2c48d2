/** The page of the tangent kernel, as a visitor uses it: runs by themselves, a width chosen, a point moved, a number of K chosen. */
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { type Visit, visit } from './visitor.ts';

const built = builtPage();

const open = (base = built.site.url) => visit(built.browser, `${base}tangent.html`);
const count = ({ page }: Visit, selector: string) => page.$$eval(selector, ({ length }) => length);
const textOf = ({ page }: Visit, selector: string) => page.$eval(selector, ({ textContent }) => textContent);
/** Of the third point: its place in words, and where its middle lies on the screen. */
const third = ({ page }: Visit) =>
  page.$eval('[aria-label="Point 3"]', (point) => {
    const { x, y, width, height } = point.getBoundingClientRect();
    return { text: point.getAttribute('aria-valuetext'), x: x + width / 2, y: y + height / 2 };
  });

test('networks train by themselves; width 1,024 within 20 s; points and numbers are chosen', async () => {
  const visitor = await open();
  const { page, text, see, click, complaints } = visitor;
  await see('[data-verified="loss"]');
  const curve = () => page.$eval('.curve', (line) => line.getAttribute('points'));
  const before = await curve();
  await expect.poll(curve).not.toBe(before);
  await text('.run-state', /^width 16 learns/); // the first run has ended, and the next one begun
  expect(await count(visitor, '.dot')).toBe(1);

  await page.focus('#experiment input[type="range"]');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  const began = performance.now();
  await page.keyboard.press('ArrowLeft');
  await text('.run-state', /^width 1,024 fits, step/);
  expect((performance.now() - began) / 1000).toBeLessThan(20); // as long as a reader waits
  await expect.poll(() => count(visitor, '.dot')).toBe(2);
  expect(Number.parseFloat((await textOf(visitor, '[aria-labelledby="movement-title"] .result strong'))!)).toBeLessThan(
    15,
  );
  expect(Number(await textOf(visitor, '[data-verified="loss"]'))).toBeLessThan(5e-4);
  expect(await count(visitor, '.ideal')).toBe(1);

  await page.focus('[aria-label="K now"] .chosen');
  await page.keyboard.press('ArrowDown');
  await text('.numbers', /K\(−1\.2, −1\.2\)/);
  expect(await count(visitor, '.verdict-by.equal')).toBe(4);

  // The wide network follows a point; what other runs have learned is no longer there.
  const { text: place, x, y } = await third(visitor);
  expect(place).toBe('x −0.4, y −1.0');
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - 20);
  await page.mouse.move(x, y - 40);
  await page.mouse.up();
  await expect.poll(async () => Math.round((await third(visitor)).y - y)).toBe(-40);
  await text('.run-state', /^width 1,024 learns/);
  await page.$eval('[aria-label="Point 3"]', (point) => (point as SVGElement).focus());
  await page.keyboard.press('ArrowRight');
  await expect.poll(async () => (await third(visitor)).text).toMatch(/^x −0\.3, y −0\./);
  await text('.run-state', /^width 1,024 fits/);
  await expect.poll(() => count(visitor, '.dot')).toBe(1);

  await click('Other first weights');
  await text('.run-state', /^width 1,024 learns, step \d/);
  await click('All widths');
  await text('.run-state', /^width 4 learns/);
  expect(await count(visitor, '.wrong')).toBe(0);
  expect(complaints).toEqual([]);
});

test('without WebGPU they train by hand', async () => {
  const visitor = await open(built.site.urlWithoutGpu);
  await visitor.text('.run-state', /^width 64 learns/);
  expect(await count(visitor, '.dot')).toBe(2);
  expect(await count(visitor, '[data-verified]')).toBe(0);
  expect(await textOf(visitor, '.numbers')).toContain('by hand (float64)');
  expect(visitor.complaints).toEqual([]);
});
