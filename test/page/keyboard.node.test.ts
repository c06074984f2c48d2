/** Training by keyboard: what is typed holds when typing is over, the focus stays, and a run keeps its settings. */
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { SMALL_BASELINE, TINY } from './links.ts';

const built = builtPage();

test('a run by keyboard', async () => {
  const visitor = await built.open(SMALL_BASELINE);
  const { page, text, see, complaints } = visitor;
  const press = (key: 'Enter' | 'Tab') => page.keyboard.press(key);
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  const field = async (label: string) =>
    (await page.locator(`::-p-aria([name="${label}"][role="textbox"])`).waitHandle()) as unknown as Field;
  const valueIn = async (label: string) => (await field(label)).evaluate(({ value }) => value);
  /** As people do, over what is there. */
  const type = async (label: string, typed: string) => {
    await (await field(label)).evaluate((input) => input.select());
    await (await field(label)).focus();
    await page.keyboard.type(typed, { delay: 50 });
  };

  for (let i = 0; i < 2; i++) await press('Tab');
  expect(await focused()).toBe('Skip to the training controls');
  await press('Enter');
  expect(await focused()).toBe('Start');
  await press('Enter');
  await text('.transport-text', /training: epoch/);
  expect(await focused()).toBe('Pause');
  await press('Enter');
  await see('.transport-text[data-state="paused"]');
  expect(await focused()).toBe('Resume');
  await press('Enter');
  await see('.transport-text[data-state="training"]');
  expect(await focused()).toBe('Pause');

  await visitor.unfold();
  // Each step tells its rate.
  const rates = await page.evaluateHandle(() => {
    const seen = new Set<string>();
    const read = () => seen.add(document.querySelector('.numbers')!.textContent!.match(/learning rate([\d.e-]+)/)![1]!);
    new MutationObserver(read).observe(document.querySelector('.numbers')!, { subtree: true, characterData: true });
    return seen;
  });
  await type('Learning rate', '1e-4');
  const step = await text('.transport-text', /step/);
  await text('.transport-text', new RegExp(`^(?!${step})`));
  await press('Enter');
  await text('.numbers', /learning rate0\.00010/);
  expect(await rates.evaluate((seen) => [...seen])).toEqual(['0.0010', '0.00010']);
  // What is out of range is not taken for its beginning.
  await type('Learning rate', '1e6');
  await text('.rate .field-problem', /^a number from 1e-7 to 10$/);
  await press('Tab');
  await text('.rate .field-problem', /“1e6” was refused/);
  expect(await valueIn('Learning rate')).toBe('0.0001');
  await type('Batch size', '2000');
  await press('Tab');
  expect(await valueIn('Batch size')).toBe('8');
  await type('Batch size', '16');
  await press('Tab');
  expect(await valueIn('Batch size')).toBe('16');

  // What is for the next run leaves this one alone.
  await page.select('#training select', 'sgd');
  expect(await valueIn('Learning rate')).toBe('0.0001');
  const before = await page.evaluate(() => location.href);
  await page.evaluate((hash) => {
    location.hash = hash;
  }, TINY);
  await text('.notice', /A run is under way/);
  expect(await page.evaluate(() => location.href)).toBe(before);
  expect(await valueIn('Batch size')).toBe('16');

  await page.focus('#start');
  await press('Tab'); // over a disabled “Step”
  expect(await focused()).toBe('Stop');
  await press('Enter');
  await text('.transport-text', /^ready/);
  expect(await focused()).toBe('Stop');
  expect(await valueIn('Learning rate')).toBe('0.01'); // of the next run: SGD's
  // It can be followed now.
  await page.evaluate((hash) => {
    location.hash = hash;
  }, TINY);
  await expect.poll(() => valueIn('Batch size')).toBe('4');
  expect(complaints).toEqual([]);
  await page.close();
});

type Field = {
  evaluate<T>(read: (input: HTMLInputElement) => T): Promise<T>;
  focus(): Promise<void>;
};
