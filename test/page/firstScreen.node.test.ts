/** The lab's first screen: the network fits beside what it says, and the opened number stays above the bar when a result comes. */
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { hashOf, tiny } from './links.ts';
import { type Visit, visit } from './visitor.ts';

const built = builtPage();

/** One epoch on few images. */
const ONE_EPOCH = { optimizer: 'adam', learningRate: 0.001, schedule: 'constant', batchSize: 8, epochs: 1, seed: 0 };
const hash = (preset: string) =>
  hashOf({ preset, training: ONE_EPOCH, data: { imagesPerClass: 8, seed: 0, roles: 'tt-----eee' } });

/** Edges of an element, in pixels from the top of the window; and how much of it is cut off at its right. */
const edges = ({ page }: Visit, selector: string) =>
  page.$eval(selector, (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return { top, bottom, cut: element.scrollWidth - element.clientWidth };
  });

test.each(['baseline', 'second', 'improved', 'rgb'])(
  'the network %s fits on a laptop and on a tablet',
  async (preset) => {
    const visitor = await built.open(hash(preset));
    await visitor.see('.unit-sum');
    for (const [width, height] of [
      [1280, 640],
      [1024, 700],
    ] as const) {
      await visitor.page.setViewport({ width, height });
      await visitor.page.evaluate(() => scrollTo(0, 0));
      expect((await edges(visitor, '.net')).cut).toBe(0);
      expect((await edges(visitor, '.unit-sum')).bottom).toBeLessThan((await edges(visitor, '.transport')).top);
    }
  },
);

test('a word of the course says what it means, on a phone too', async () => {
  const visitor = await built.open(tiny());
  const { page, see, text } = visitor;
  await page.setViewport({ width: 390, height: 844 });
  await see('.unit-sum');
  for (const word of ['segment', 'held out', 'new animals']) {
    await visitor.click(word);
    await text('.gloss-meaning:popover-open', /\w+ \w+/);
    const box = await page.$eval('.gloss-meaning:popover-open', (element) => element.getBoundingClientRect().toJSON());
    expect(box.left).toBeGreaterThanOrEqual(0);
    expect(box.right).toBeLessThanOrEqual(390);
    expect(box.bottom).toBeLessThanOrEqual(844);
    await page.keyboard.press('Escape');
    expect(await page.$('.gloss-meaning:popover-open')).toBeNull();
  }
  expect(visitor.complaints).toEqual([]);
});

test('the sections below come when a visitor scrolls to them, or follows a link', async () => {
  const visitor = await visit(built.browser, `${built.site.url}lab.html${tiny()}`);
  const { page, see, click } = visitor;
  await page.setViewport({ width: 1280, height: 640 });
  await see('.unit-sum');
  expect(await page.$('#network')).toBeNull();
  await page.$eval('.sections a[href="#network"]', (link) => (link as HTMLElement).click());
  await see('#model');
  const top = () => page.$eval('#network', (section) => section.getBoundingClientRect().top);
  await expect.poll(top).toBeLessThan(200);
  expect(await top()).toBeGreaterThan(-1);
  await click('Start'); // the page is as it is after scrolling through it
  await visitor.text('.transport-text', /training: epoch/);
  expect(visitor.complaints).toEqual([]);
});

test('a result moves nothing of the first screen, however long its words are', async () => {
  const visitor = await built.open(tiny({ epochs: 1 }));
  const { page, see, click, text } = visitor;
  await page.setViewport({ width: 1280, height: 640 });
  await see('.unit-sum');
  const before = await edges(visitor, '.bench-open');
  await click('Start');
  await text('.result', /test in full/, 120_000); // after a training and a test
  await page.evaluate(() => scrollTo(0, 0));
  expect((await edges(visitor, '.bench-open')).top).toBe(before.top);
  // The longest of what it may say.
  await page.$eval('.result', (card) => {
    const line = (text: string, name = '') =>
      Object.assign(document.createElement('p'), { textContent: text, className: name });
    const button = Object.assign(document.createElement('button'), {
      textContent: 'Try “improved”',
      className: 'button',
    });
    card.querySelector('strong')!.textContent = 'It learned some of what makes a fake.';
    card
      .querySelector('p')!
      .replaceWith(
        line('improved, rate 0.003, batch 16, epochs 12, images per class 256, data seed 2 #12', 'result-run'),
        line('99 % right on the pictures it was validated on, 79 % on the test pictures.'),
      );
    card.querySelector('.row')!.prepend(button);
  });
  expect((await edges(visitor, '.bench-open')).top).toBe(before.top);
  expect((await edges(visitor, '.result')).bottom).toBeLessThanOrEqual(before.top);
  expect((await edges(visitor, '.unit-sum')).bottom).toBeLessThan((await edges(visitor, '.transport')).top);
});
