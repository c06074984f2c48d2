/** The page as its visitors get it: built, served from a folder, in a browser, used by its buttons. */
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { ENDLESS, SMALL_BASELINE } from './links.ts';
import { courseFiles, download, listenTo, scrollThrough, type Visit, visit } from './visitor.ts';

const built = builtPage();
const open = (hash = SMALL_BASELINE) => built.open(hash);

const stateOf = (visitor: Visit, state: string) => visitor.see(`.transport-text[data-state="${state}"]`);
const stepsOf = async (visitor: Visit) => {
  const text = await visitor.text('.transport-text', /epoch \d+ of \d+, step \d+ of \d+/);
  const [epoch, , step, steps] = text.match(/\d+/g)!.map(Number) as [number, number, number, number];
  return (epoch - 1) * steps + step;
};

describe('a visitor', () => {
  test('trains the baseline, pauses, steps, changes the rate, goes on, stops, tests', async () => {
    const visitor = await open();
    const { click, complaints } = visitor;
    await click('Start');
    await visitor.text('.transport-text', /training: epoch \d+ of 1000, step [1-9]/);
    await visitor.text('.legend', /baseline #1/); // its curve is there from the first steps
    const clicked = Date.now();
    await click('Pause');
    await stateOf(visitor, 'paused');
    console.log(`paused ${Date.now() - clicked} ms after the click was asked for`);
    const readings = [Number.NaN];
    const still = async () => readings.push(await stepsOf(visitor)) && readings.at(-1) === readings.at(-2);
    await expect.poll(still, { interval: 2000 }).toBe(true); // the step under way ends
    const held = readings.at(-1)!;
    await click('Train one step');
    await expect.poll(() => stepsOf(visitor)).toBe(held + 1);
    await visitor.unfold();
    await visitor.type('Learning rate', '0.0005');
    await click('Resume');
    await visitor.text('.numbers', /learning rate0\.00050/);
    await visitor.text('.transport-text', /training: epoch ([2-9]|\d\d)/);
    expect(await visitor.text('.numbers', /GPU memory[\d.]+ MiB/)).toMatch(/parameters62,338/);
    await click('Stop training');
    await visitor.text('.transport-text', /^ready/);
    await click('Test now');
    await visitor.see('.confusion');
    expect(await visitor.text('.score', /test images right/)).toMatch(/\d+\.\d % of 48 test images right/);
    expect(await visitor.text('.roc figcaption', /ROC/)).toMatch(/area [01]\.\d{3}/);
    expect(await visitor.text('.runs tbody', /baseline/)).toMatch(/stopped/);
    expect(complaints).toEqual([]);
  });

  test('looks into a network before it is trained, takes one step, and opens a number of a map', async () => {
    const visitor = await open();
    const { page, click, text, complaints } = visitor;
    await text('.verdict', /Before training it says (real|fake)/);
    const number = () =>
      page.$eval('[data-verified="lab-unit"]', (e) => [
        Number(e.textContent!.replace('−', '-')),
        Number(e.getAttribute('data-reference')),
      ]);
    const [value, reference] = (await number()) as [number, number];
    expect(Math.abs(value - reference)).toBeLessThan(1e-3);
    // By the arrow keys, and another map.
    await page.focus('button.step-map[aria-pressed="true"]');
    const row = Number(/row (\d+)/.exec(await text('.unit-place', /row \d+/))![1]);
    await page.keyboard.press('ArrowDown');
    await text('.unit-place', new RegExp(`row ${row + 1},`));
    const map = await text('.unit-map', /map \d+ of 32/);
    await click('Next map');
    await text('.unit-map', new RegExp(`^(?!${map})`));
    // A count says how it is made up.
    await page.focus('button.count');
    expect(await text('.count-formula', /./)).toBe('(5·5 + 1)·32');
    expect(await page.$eval('.count-formula', (e) => getComputedStyle(e).display)).toBe('block');
    await click('Train one step');
    await text('.transport-text', /^paused: epoch 1 of 1000, step 1 of/);
    await text('.verdict', /^It says/);
    await page.$eval('#network', (section) => section.scrollIntoView());
    await text(
      '#network',
      /Training has moved them by [\d.]+, and they are [\d.]+ in size\. So the kernels still look like noise/,
    );
    await click('Stop training');
    await text('.transport-text', /^ready/);
    // Of the next network the first weights are seen.
    await page.$$eval('.presets input', (choices) => (choices[1] as HTMLElement).click());
    await text('.verdict', /Before training it says/);
    expect(complaints).toEqual([]);
  });

  test('starts, pauses and stops in quick succession', async () => {
    const visitor = await open(ENDLESS);
    const { click, complaints } = visitor;
    const ready = () => visitor.text('.transport-text', /^ready/);
    await click('Start');
    await click('Stop training'); // before the first step
    await ready();
    for (let i = 0; i < 4; i++) {
      await click('Start');
      await visitor.text('.transport-text', /training: epoch/);
      for (const name of ['Pause', 'Train one step', 'Train one step', 'Resume']) await click(name);
      await click('Stop training');
      await ready();
      await new Promise((done) => setTimeout(done, 300)); // nothing comes after the end that would begin it again
      await ready();
      await visitor.see('.transport .main:not(:disabled)');
    }
    await click('Train on');
    await click('Stop training');
    await ready();
    expect(complaints).toEqual([]);
  });

  test('starts again: what is told until the first step is not of the run before', async () => {
    const visitor = await open(ENDLESS);
    const { click, text, complaints } = visitor;
    await click('Start');
    await text('.transport-text', /training: epoch ([2-9]|\d\d)/);
    await click('Stop training');
    await text('.transport-text', /^ready/);
    const said = await listenTo(visitor, '.transport-text');
    // New images, for which the run waits.
    await visitor.unfold();
    await visitor.type('Data seed', '5');
    await click('Simulate anew');
    await click('Start');
    await text('.transport-text', /training: epoch/);
    await click('Stop training');
    const texts = await said();
    expect(texts.filter((text) => text.startsWith('preparing')).length).toBeGreaterThan(0);
    expect(texts.filter((text) => text.startsWith('preparing: epoch'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('looks inside while it trains', async () => {
    const visitor = await open();
    const { page, click, complaints } = visitor;
    await click('Start');
    await visitor.unfold();
    await page.$eval('#network', (section) => section.scrollIntoView());
    await visitor.see('.kernels li:nth-child(32) canvas');
    await visitor.see('.layers .maps li canvas');
    await visitor.see('.pool canvas');
    await visitor.text('.verdict', /It says (real|fake): (right|wrong)\..*real\d+ %/);
    const kernel = () => page.$eval('.kernels canvas', (canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const before = await kernel();
    await expect.poll(kernel).not.toBe(before);
    await click('Stop training');
    await visitor.text('.transport-text', /^ready/);
    expect(complaints).toEqual([]);
  });

  test('edits a layer into an error and back', async () => {
    const visitor = await open();
    const { page, complaints } = visitor;
    await visitor.unfold();
    await page.locator('input[aria-label="layer 1, conv2d: kernel"]').fill('500');
    expect(await visitor.text('.layer.unfit .layer-problem', /conv2d/)).toMatch(/500/);
    await visitor.text('.transport-text', /Layer 1 does not fit/);
    await visitor.text('.net', /✕/);
    expect(await page.$eval('.transport .main', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await page.locator('input[aria-label="layer 1, conv2d: kernel"]').fill('3x3');
    await visitor.text('.layer-total', /^61,826 parameters/);
    await visitor.see('.transport .main:not(:disabled)');
    await visitor.click('Remove layer 3, flatten');
    expect(await visitor.text('.layer-problem', /dense/)).toMatch(
      /takes a list of numbers, and gets maps of 31 × 31 × 32\./,
    );
    await visitor.click('Undo');
    await page.waitForFunction(() => !document.querySelector('.layer-problem'));
    await visitor.click('Remove layer 3, flatten');
    await visitor.click('Add flatten', '.transport');
    await page.waitForFunction(() => !document.querySelector('.layer-problem'));
    await visitor.text('.layer-total', /^61,826 parameters/);
    expect(complaints).toEqual([]);
  });

  test("drops two of the course's files", async () => {
    const visitor = await open();
    const { complaints } = visitor;
    await visitor.unfold();
    const drop = async (names: [string, string]) => visitor.drop(await courseFiles(names));
    await drop(['real_3.gz', 'fake_3.gz']);
    await visitor.text('#data', /course/);
    await visitor.text('#data', /4 real/);
    await drop(['real_3.gz', 'false_3.gz']);
    expect(await visitor.text('.notice.problem', /false_3/)).toMatch(/named/);
    expect(complaints).toEqual([]);
  });

  test('saves a model, loads it after a reload, keeps a run', async () => {
    const visitor = await open();
    const { page, click, complaints } = visitor;
    await click('Start');
    await visitor.text('.transport-text', /training: epoch/);
    await click('Stop training');
    await visitor.text('.transport-text', /^ready/);
    const file = await download(visitor, built.downloads);
    expect(basename(file)).toBe('baseline-1.safetensors');
    await click('Keep baseline #1 in this browser');
    await visitor.text('.runs tbody', /Kept/);
    await page.reload();
    await scrollThrough(page);
    await visitor.see('.transport .main:not(:disabled)');
    await visitor.text('.runs tbody', /baseline #1/);
    await click('Load baseline #1 back into the network, with its settings');
    await visitor.text('.runs', /In the network now: baseline #1/);
    await visitor.text('.transport-text', /^ready/);
    const input = await page.waitForSelector('.button.file input');
    await (input as never as { uploadFile(path: string): Promise<void> }).uploadFile(file);
    await visitor.text('.runs', /In the network now: baseline-1.safetensors/);
    await click('Test now');
    await visitor.see('.confusion');
    await click('Train on');
    await visitor.text('.transport-text', /training: epoch/);
    await click('Stop training');
    await visitor.text('.transport-text', /^ready/);
    expect(complaints).toEqual([]);
  });
});

test('without WebGPU it says what is missing, and the rest can be used', async () => {
  const visitor = await visit(built.browser, `${built.site.urlWithoutGpu}lab.html`);
  const { page, complaints } = visitor;
  expect(await visitor.text('.no-gpu', /WebGPU/)).toMatch(/Chrome/);
  await scrollThrough(page);
  await visitor.see('.gallery canvas');
  expect(await page.$eval('.transport .main', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
  expect(complaints).toEqual([]);
});
