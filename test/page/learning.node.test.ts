/** The page on learning, as a visitor uses it: with the mouse, with a finger's drag, with keys, without WebGPU, and after the GPU is lost. */
import { expect, test } from 'vitest';
import { killGpuProcess } from '../../tools/browser.ts';
import { builtPage } from './builtPage.ts';
import { type Visit, visit } from './visitor.ts';

const built = builtPage();

async function open(url = built.site.url): Promise<Visit> {
  const visitor = await visit(built.browser, `${url}learning.html`, { base: url });
  await visitor.see('#playground');
  return visitor;
}

const STEP = '.step-count strong';
const stepOf = ({ page }: Visit) => page.$eval(STEP, (e) => Number(e.textContent!.replace(/\D/g, '')));
/** Numbers of the GPU that stand beside their references, and none that differs. */
async function expectEqual({ page }: Visit, names: readonly string[]): Promise<void> {
  for (const name of names) await page.waitForSelector(`[data-verified="${name}"]`);
  expect(await page.$('.verdict-by.wrong')).toBeNull();
}
const pixels = ({ page }: Visit, selector: string) =>
  page.$eval(selector, (canvas) => (canvas as HTMLCanvasElement).toDataURL());
const numberOf = ({ page }: Visit, name: string) =>
  page.$eval(`[data-verified="${name}"]`, (e) => Number(e.textContent!.replace('−', '-')));

/** Drags from the middle of an element, by parts of its size. */
async function drag({ page }: Visit, selector: string, x: number, y: number): Promise<void> {
  const handle = (await page.$(selector))!;
  await handle.scrollIntoView();
  const box = (await handle.boundingBox())!;
  const [left, top] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(left, top);
  await page.mouse.down();
  await page.mouse.move(left + x * box.width, top + y * box.height, { steps: 4 });
  await page.mouse.up();
}

test('the playground trains without a press; it pauses, steps and restarts, and everything can be changed', async () => {
  const visitor = await open();
  const { page, click, complaints } = visitor;
  const first = await pixels(visitor, '.surface canvas');
  await expectEqual(visitor, ['training loss', 'test loss']);
  const early = await stepOf(visitor);
  await expect.poll(() => stepOf(visitor)).toBeGreaterThan(early + 20);
  expect(await pixels(visitor, '.surface canvas')).not.toBe(first);

  await click('Step'); // it pauses as well
  await page.waitForSelector('::-p-aria([name="Train"][role="button"])');
  // Ten by ten until it pauses, then one by one.
  await expect.poll(async () => (await stepOf(visitor)) % 10).toBe(1);
  await click('Step');
  await expect.poll(async () => (await stepOf(visitor)) % 10).toBe(2);
  await expectEqual(visitor, ['training loss', 'test loss']);

  // A unit is seen large, and its formula with its weights.
  const output = await pixels(visitor, '.surface canvas');
  await click('Unit 2 of layer 1');
  await visitor.text('.unit-formula', /^unit 2 of layer 1 = tanh of[−+] [\d.]+ x₁[−+] [\d.]+ x₂[−+] [\d.]+$/);
  await expect.poll(() => pixels(visitor, '.surface canvas')).not.toBe(output);

  // Another network, other data: it begins again.
  await click('Feature x₁x₂');
  await visitor.text(STEP, /^0$/);
  await click('Remove a unit of layer 2');
  await click('Remove a hidden layer');
  await click('Add a unit of layer 1');
  expect(await page.$$('[aria-label^="Unit"]')).toHaveLength(8); // there are no more than that
  await click('Remove a unit of layer 1');
  await expect.poll(() => page.$$eval('[aria-label^="Unit"]', (all) => all.length)).toBe(7);
  expect(await page.$$('.edges line')).toHaveLength(3 * 7 + 7);
  await page.select('.settings select', 'relu');
  await page.locator('.tasks label:nth-of-type(4)').click();
  await page.locator('.tasks input:checked').wait();
  await page.focus('.settings input[type="range"]');
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await click('Train');
  await expect.poll(() => stepOf(visitor)).toBeGreaterThan(30);
  await expectEqual(visitor, ['training loss', 'test loss']);

  // Weight decay and the rate leave the network as it is.
  const before = await stepOf(visitor);
  const [, , decay] = await page.$$('.settings select');
  await decay!.select('0.3');
  await visitor.text('.decay-note', /takes 0\.03 · 0\.3 = 0\.9 % off every weight and bias\. It is no L2 penalty/);
  await expect.poll(() => stepOf(visitor)).toBeGreaterThan(before + 20);
  await click('Restart');
  await expect.poll(() => stepOf(visitor)).toBeLessThan(before);
  await page.locator('.output-part input').click();
  await page.waitForSelector('.surface .ring');
  expect(complaints).toEqual([]);
});

test('after the GPU process has died, training goes on from where it was', async () => {
  const visitor = await open();
  await expect.poll(() => stepOf(visitor)).toBeGreaterThan(50);
  await visitor.click('Pause');
  const before = await stepOf(visitor);
  await killGpuProcess(built.browser);
  await visitor.click('Train');
  await expect.poll(() => stepOf(visitor)).toBeGreaterThan(before + 20);
  await expectEqual(visitor, ['training loss', 'test loss']);
});

test('curves, two layers, backpropagation and softmax answer to mouse and keys, and stay equal', async () => {
  const visitor = await open();
  const { page, click, complaints } = visitor;
  await expectEqual(visitor, ['tanh', 'slope of relu', 'W₂W₁', 'loss of the network', 'cross-entropy']);

  await drag(visitor, '.activations .plot', -0.375, 0); // u = -3
  await expect.poll(() => numberOf(visitor, 'relu')).toBe(0);
  expect(await numberOf(visitor, 'tanh')).toBeCloseTo(Math.tanh(-3), 3);
  await page.focus('.activations + .slider input');
  await page.keyboard.press('Home');
  await expect.poll(() => numberOf(visitor, 'tanh')).toBeCloseTo(Math.tanh(-4), 3);

  await visitor.text('.two-layers', /the same line/);
  await page.locator('.two-layers .segmented label:nth-of-type(4)').click();
  await visitor.text('.two-layers', /up to \d\.\d\d apart/);
  await page.focus('[aria-label="W₁, row 1, column 1"]');
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowUp');
  await expect.poll(() => numberOf(visitor, 'W₂W₁')).toBe(1); // 3 - 1.5 - 0.5

  // Every press, one after another, and back to the first by key.
  const names: string[] = [];
  for (const kind of [12, 13]) {
    if (kind === 13) await page.locator('.presses .segmented label:nth-of-type(2)').click();
    await visitor.text('.press h3', /^x\s*$/);
    for (let i = 1; i < kind; i++) {
      await click('Next', '.presses');
      await expect.poll(() => page.$eval('.press-list [aria-current]', (e) => e.textContent)).not.toBe(names.at(-1));
      names.push(await page.$eval('.press-list [aria-current]', (e) => e.textContent!));
    }
    await visitor.text('.press-note', kind === 12 ? /All 11 presses GPU = by hand/ : /All 12 presses GPU = by hand/);
  }
  const back = ['∂L/∂f', '∂L/∂W₂', '∂L/∂b₂', '∂L/∂h', '∂L/∂u', '∂L/∂W₁', '∂L/∂b₁'];
  expect(names).toEqual(['u', 'h', 'f', 'L', ...back, 'u', 'h', 'f', 'p', 'L', ...back]);
  expect(await page.$$('.diagram .node-gradient')).toHaveLength(6);
  await page.focus('.press-list button');
  await page.keyboard.press('Enter');
  await visitor.text('.press h3', /^x\s*$/);

  // A weight of the second layer: its gradient by the formula is the finite difference.
  await page.click('.weights [aria-label="W₂"] .cell:nth-child(3)');
  await visitor.text('.weights .slider label', /^W₂\[1, 3\]$/);
  await page.focus('.weights .slider input');
  await page.keyboard.press('ArrowRight');
  await expectEqual(visitor, ['gradient of the chosen weight']);
  const slope = await page.$eval('.weights .readings > :last-child strong', (e) =>
    Number(e.textContent!.replace('−', '-')),
  );
  expect(await numberOf(visitor, 'gradient of the chosen weight')).toBeCloseTo(slope, 2);
  expect(slope).not.toBe(0);

  await drag(visitor, '[aria-label="Logit 2"]', 0, -0.5);
  const logit = () => page.$eval('[aria-label="Logit 2"]', (e) => Number(e.getAttribute('aria-valuenow')));
  await expect.poll(logit).toBe(4);
  await page.$eval('[aria-label="Logit 2"]', (e) => (e as SVGElement).focus());
  await page.keyboard.press('ArrowDown');
  await expect.poll(logit).toBeCloseTo(3.9, 6);
  await page.locator('#softmax .segmented label:nth-of-type(3)').click();
  await expect.poll(() => numberOf(visitor, 'gradient of the true class')).toBeLessThan(-0.9);
  expect(await numberOf(visitor, 'sum of the gradients')).toBe(0);
  await expectEqual(visitor, ['cross-entropy']);
  expect(complaints).toEqual([]);
});

test('without WebGPU it trains by hand, and every figure works', async () => {
  const visitor = await open(built.site.urlWithoutGpu);
  const { page, click, complaints } = visitor;
  await expect.poll(() => stepOf(visitor)).toBeGreaterThan(50);
  await visitor.text('.losses', /by hand \(float64\)/);
  await click('Next', '.presses');
  await visitor.text('.press h3', /^u = W₁x \+ b₁$/);
  await drag(visitor, '[aria-label="Logit 1"]', 0, 0.5);
  await expect.poll(() => page.$eval('#softmax', (e) => e.textContent)).toContain('−4.0');
  expect(await page.$$('[data-verified]')).toEqual([]);
  expect(complaints).toEqual([]);
});
