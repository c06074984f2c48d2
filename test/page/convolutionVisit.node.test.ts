/** A visitor of the page about convolution: every figure by mouse and by keyboard, a picture of one's own, and little motion. */
import { expect, test } from 'vitest';
import { mendable, type Shapes, TENSORS } from '../../demo/convolution/shapes/quiz.ts';
import { builtPage } from './builtPage.ts';
import { type Visit, visit } from './visitor.ts';

const built = builtPage();
const FIGURES = ['sweep', 'smoothing', 'by-hand', 'tensor', 'channels', 'shapes', 'quiz', 'pool'];

/** @param motion whether the visitor wants little of it, as browsers of tests do */
async function open({ base = built.site.url, motion = 'no-preference' } = {}): Promise<Visit> {
  const visitor = await visit(built.browser, 'about:blank', { base });
  await visitor.page.evaluateOnNewDocument(() => {
    const moved: string[] = [];
    Object.assign(window, { moved });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) moved.push(JSON.stringify(entry));
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await visitor.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: motion }]);
  await visitor.page.goto(`${base}convolution.html`);
  return visitor;
}

/** A number of the GPU that is checked, as its text. */
const value = ({ page }: Visit, name: string) => page.$eval(`[data-verified="${name}"]`, (e) => e.textContent);

/** Waits until a number of the GPU is this one. */
const expectValue = (visitor: Visit, name: string, text: string | RegExp) =>
  expect.poll(() => value(visitor, name).catch(() => undefined)).toMatch(text);

test('on arrival the window moves, and each number is the one by hand', async () => {
  const visitor = await open();
  const { page, complaints } = visitor;
  await visitor.see('#sweep canvas');
  const label = () => page.$eval('#sweep .sweep-picture', (button) => button.getAttribute('aria-label'));
  const first = await label();
  await expect.poll(label).not.toBe(first);
  for (const [name, text] of [
    ['sobel', '0.125'],
    ['blur', '0.7'],
    ['y[2, 1]', '3'],
    ['products', '75'],
    ['pooled', '8'],
  ] as const) {
    await expectValue(visitor, name, new RegExp(`^${text.replace('.', '\\.')}$`));
  }
  expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
  expect(await page.$$eval('.figure', (all) => all.map(({ id }) => id))).toEqual(FIGURES);
  expect(await page.$('.verdict-by.wrong')).toBeNull();
  expect(complaints).toEqual([]);
});

test('the sweep: a kernel, its numbers, the window by drag and by keys, a picture of one’s own', async () => {
  const visitor = await open();
  const { page, complaints } = visitor;
  await visitor.click('Pause', '#sweep');
  await visitor.click('Ramp', '#sweep');
  await visitor.click('Sobel x', '#sweep');
  await expectValue(visitor, 'window', /^0\.1250$/);
  await page.focus('#sweep [aria-label="Kernel, row 1, column 3"]');
  await page.keyboard.press('ArrowUp');
  await visitor.see('#sweep .chips [aria-pressed="true"]');
  expect(await page.$eval('#sweep .chips [aria-pressed="true"]', (e) => e.textContent)).toBe('Own');
  const label = () => page.$eval('#sweep .sweep-picture', (button) => button.getAttribute('aria-label'));
  await page.$eval('#sweep .sweep-picture', (button) =>
    button.scrollIntoView({ block: 'center', behavior: 'instant' }),
  );
  const box = (await (await page.$('#sweep .sweep-picture'))!.boundingBox())!;
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + (box.width * 40.5) / 64, box.y + (box.height * 20.5) / 64, { steps: 4 });
  await page.mouse.up();
  await expect.poll(label).toMatch(/row 21, column 41\./);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(label).toMatch(/row 22, column 40\./);
  await visitor.click('Identity', '#sweep');
  await expectValue(visitor, 'window', String((39 / 64).toFixed(4)));

  // A file of one grey, twice as wide as high.
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(80, 40);
    const context = canvas.getContext('2d')!;
    context.fillStyle = 'rgb(51 51 51)';
    context.fillRect(0, 0, 80, 40);
    const dropped = new DataTransfer();
    dropped.items.add(new File([await canvas.convertToBlob()], 'grey.png'));
    for (const type of ['dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer: dropped, bubbles: true, cancelable: true }));
    }
  });
  await expectValue(visitor, 'window', /^0\.2000$/);
  await page.evaluate(() => {
    const dropped = new DataTransfer();
    dropped.items.add(new File(['no picture'], 'note.txt'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
  });
  await visitor.text('#sweep .picture-note', /cannot read “note\.txt” as a picture/);
  await expectValue(visitor, 'window', /^0\.2000$/);
  expect(complaints).toEqual([]);
});

test('with little motion wanted, all is drawn at once', async () => {
  const visitor = await open({ motion: 'reduce' });
  const { page } = visitor;
  await expectValue(visitor, 'window', /\d/);
  expect(await page.$eval('#sweep .button.main', (button) => button.textContent)).toBe('Sweep');
  // Each pixel but those at the edge, where the window does not fit.
  const opaque = () =>
    page.$eval('#sweep .sweep-picture ~ .sweep-picture canvas', (canvas) => {
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 64, 64);
      return data.filter((alpha, i) => i % 4 === 3 && alpha === 255).length;
    });
  await expect.poll(opaque).toBe(60 ** 2);
});

test('by hand: the slide’s sum, another place by keys, without the ReLU, and with other numbers', async () => {
  const visitor = await open();
  const { page, complaints } = visitor;
  await expectValue(visitor, 'y[2, 1]', /^3$/);
  const sum = () => page.$eval('#by-hand .sum', (element) => element.textContent);
  expect(await sum()).toBe('y[2, 1] = 2 · 2 + 3 · (−1) + 3 · (−1) + 2 · 2 + 1 = 3, and max{3, 0} = 3');
  const map = () => page.$$eval('#by-hand button.cell', (cells) => cells.map(({ textContent }) => Number(textContent)));
  expect(await map()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 9, 0, 0, 0, 0, 0]);
  await page.focus('#by-hand button.cell.chosen');
  await page.keyboard.press('ArrowRight');
  await expectValue(visitor, 'y[2, 2]', /^9$/);
  expect(await page.$$eval('#by-hand input.lit', (all) => all.length)).toBe(8);
  await page.keyboard.press('ArrowRight');
  await expectValue(visitor, 'y[2, 3]', /^0$/);
  await page.focus('#by-hand input[type="checkbox"]'); // the mouse would choose what it passes over
  await page.keyboard.press('Space');
  await expectValue(visitor, 'y[2, 3]', /^−\d+$/);
  await page.focus('#by-hand [aria-label="Kernel, row 2, column 2"]');
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.type('0.5');
  await expect.poll(sum).toContain('0 · 0.5');
  await expectValue(visitor, 'y[2, 3]', /−/);
  await page.keyboard.press('Tab');
  // What is no number of the range leaves the one from before, and says so; a fraction is a number.
  const retype = async (text: string) => {
    await page.focus('#by-hand [aria-label="Kernel, row 2, column 2"]');
    await page.keyboard.down('Control');
    await page.keyboard.press('a');
    await page.keyboard.up('Control');
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  };
  for (const text of ['abc', '99999999999']) {
    await retype(text);
    await visitor.text('#by-hand .refused', new RegExp(`^“${text}” was refused: type a number from −99 to 99$`));
    expect(await sum()).toContain('0 · 0.5');
  }
  await retype('1/8');
  await expect.poll(sum).toContain('0 · 0.125');
  expect(await page.$('#by-hand .refused')).toBeNull();
  await visitor.click('The first numbers', '#by-hand');
  await expect.poll(map).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 9, 0, 0, 0, 0, 0]);
  expect(await page.$('.verdict-by.wrong')).toBeNull();
  expect(complaints).toEqual([]);
});

test('tensors: an index picked and typed, another shape, and what is no index', async () => {
  const visitor = await open();
  const { page, complaints } = visitor;
  await visitor.text('#tensor [data-print]', /^\[\[ 0 {2}4 {2}8\]\n \[12 16 20\]\]$/);
  const lit = () => page.$$eval('#tensor .cell.lit', (cells) => cells.map(({ textContent }) => Number(textContent)));
  const marked = () => page.$$eval('#tensor mark', (all) => all.map(({ textContent }) => Number(textContent)));
  expect([await lit(), await marked()]).toEqual(Array(2).fill([0, 4, 8, 12, 16, 20]));
  await visitor.click('x[1, 2]', '#tensor');
  await visitor.text('#tensor [data-print]', /^\[20 21 22 23\]$/);
  await visitor.type('Index', '0, 5', '#tensor');
  await visitor.text('#tensor .tensor-problem', /out of bounds/);
  await visitor.type('Index', '0, 1', '#tensor');
  await visitor.type('Shape', '3, 5', '#tensor');
  await visitor.text('#tensor [data-print]', /^1$/);
  expect([await lit(), await marked()]).toEqual([[1], [1]]);
  await page.$eval('#tensor [aria-label="Shape"]', (field) => (field as HTMLElement).blur());
  await visitor.type('Shape', '3, x', '#tensor');
  await visitor.text('#tensor .tensor-problem', /Type whole numbers.* Below is \(3, 5\)\./);
  // A shape that is refused shows none of its first digits; a long row stays in the figure.
  await visitor.type('Shape', '100', '#tensor');
  await visitor.text('#tensor .part-shape', /^$/);
  const inside = () =>
    page.$eval('#tensor', (figure) => {
      const right = (element: Element) => element.getBoundingClientRect().right;
      const boxes = [...figure.querySelectorAll('.scroll, .print')];
      return { boxes: boxes.length, over: boxes.filter((box) => right(box) > right(figure)).length };
    });
  expect(await inside()).toEqual({ boxes: 3, over: 0 });
  expect(await page.$eval('#tensor .print', (print) => print.scrollWidth - print.clientWidth)).toBe(0);
  await page.$eval('#tensor [aria-label="Shape"]', (field) => (field as HTMLElement).blur());
  await visitor.type('Shape', '2, 2', '#tensor');
  await page.$eval('#tensor [aria-label="Shape"]', (field) => (field as HTMLElement).blur());
  await page.focus('#tensor [aria-label="Shape"]');
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.type('1000,1000');
  await visitor.text('#tensor .tensor-problem', /At most 120 .* would be 1,000,000\. Below is \(2, 2\)\./);
  expect(await page.$$eval('#tensor .cell', (cells) => cells.length)).toBe(4);
  expect(complaints).toEqual([]);
});

test('channels: one that is turned down is taken from the picture', async () => {
  const visitor = await open();
  const { page } = visitor;
  const sums = () =>
    page.$eval('#channels canvas', (canvas) => {
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 128, 128);
      return [0, 1, 2].map((channel) => data.reduce((sum, byte, i) => (i % 4 === channel ? sum + byte : sum), 0));
    });
  await expect.poll(async () => Math.min(...(await sums()))).toBeGreaterThan(0);
  const [red, , blue] = await sums();
  await page.focus('#channels input');
  await page.keyboard.press('Home');
  await expect.poll(async () => (await sums())[0]).toBe(0);
  expect((await sums())[2]).toBe(blue);
  await page.keyboard.press('End');
  await expect.poll(async () => (await sums())[0]).toBe(red);
});

test('shapes: the baseline’s layer, and the number that is wrong', async () => {
  const visitor = await open();
  const { page, complaints } = visitor;
  await visitor.click('The same in colour', '#shapes');
  await visitor.text('#shapes .shape-formulas', /2,432 the engine’s layer has them, too/);
  await visitor.text('#shapes .stage:last-child code', /^\(32, 124, 124, 32\)$/);
  await expectValue(visitor, 'products', /^75$/);
  await visitor.click('The baseline’s first layer', '#shapes');
  await visitor.text('#shapes .shape-formulas', /= 832 /);
  await expectValue(visitor, 'products', /^25$/);

  for (const first of [true, false]) {
    const numbers = await page.$$eval('#quiz [data-position]', (cells) =>
      cells.map((cell) => [(cell as HTMLElement).dataset.position!.split(' ')[0]!, Number(cell.textContent)] as const),
    );
    const shapes = Object.fromEntries(
      TENSORS.map((name) => [name, numbers.filter(([tensor]) => tensor === name).map(([, number]) => number)]),
    ) as unknown as Shapes;
    const [wrong] = mendable(shapes);
    if (!first) {
      const other = wrong!.tensor === 'y' ? 'x 0' : 'y 0';
      await page.locator(`#quiz [data-position="${other}"]`).click();
      await visitor.text('#quiz .quiz-answer', /fits the others/);
    }
    await page.locator(`#quiz [data-position="${wrong!.tensor} ${wrong!.axis}"]`).click();
    await visitor.text('#quiz .quiz-answer', first ? /^Right: .*1 of 1\./ : /^Right: .*1 of 2\./);
    await visitor.click('Another one', '#quiz');
    await expect.poll(() => page.$('#quiz .cell.found')).toBeNull();
  }
  expect(complaints).toEqual([]);
});

test('pooling: the pins, a gradient that is sent back, a move, and the mean', async () => {
  const visitor = await open();
  const { page, complaints } = visitor;
  await expectValue(visitor, 'pooled', /^8$/);
  const texts = (selector: string) =>
    page.$$eval(selector, (cells) => cells.map((cell) => cell.textContent || (cell as HTMLInputElement).value));
  expect(await texts('#pool .landed')).toEqual([]);
  await visitor.click('Send the gradient back', '#pool');
  await expect.poll(() => page.$$eval('#pool .landed', (all) => all.length)).toBe(16);
  expect(await page.$$eval('#pool .landed:not(.pin)', (all) => all.length)).toBe(0);
  await visitor.click('Move the picture right', '#pool');
  await visitor.text('#pool .pool-shift', /^Moved by 1 to the right: other numbers at 28 of 64 .* at 4 of 16/);
  await visitor.click('Move the picture left', '#pool');
  await visitor.text('#pool .pool-shift', /has not been moved/);
  await page.locator('#pool input[type="radio"]:not(:checked)').click();
  await expectValue(visitor, 'pooled', /^3$/);
  await expect.poll(() => page.$$eval('#pool .landed', (all) => all.length)).toBe(64);
  expect(await page.$('#pool .pin')).toBeNull();
  await page.focus('#pool input[type="range"]');
  await page.keyboard.press('End');
  await expect.poll(() => page.$$eval('#pool button.cell', (all) => all.length)).toBe(4);
  expect(await page.$('.verdict-by.wrong')).toBeNull();
  expect(complaints).toEqual([]);
});

test('without WebGPU every figure works by the numbers by hand', async () => {
  const visitor = await open({ base: built.site.urlWithoutGpu });
  const { complaints } = visitor;
  await visitor.text('#by-hand .facts', /y\[2, 1\] = 3 by hand \(float64\)/);
  await visitor.text('#tensor [data-print]', /^\[\[ 0 {2}4 {2}8\]/);
  await visitor.click('Pause', '#sweep');
  await visitor.click('Ramp', '#sweep');
  await visitor.click('Sobel x', '#sweep');
  await visitor.text('#sweep .sweep-sum', /0\.1250 by hand/);
  await visitor.text('#shapes .shape-formulas', /456 the engine’s layer has them, too/);
  expect(complaints).toEqual([]);
});
