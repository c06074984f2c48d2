/** What an example shows when its training has ended, where that takes long: it is served with fewer steps. */
import { expect, test } from 'vitest';
import { servedExamples, TRAINING } from './examples.ts';

const examples = servedExamples({
  plugins: [
    {
      name: 'fewer-steps',
      enforce: 'pre',
      transform: (code, id) => (/gan\/main\.ts/.test(id) ? code.replace('STEPS = 2000', 'STEPS = 40') : undefined),
    },
  ],
});

test('gan: at the end it says so, and there is nothing to pause', async () => {
  const { page, text, complaints } = await examples.open('gan');
  await text('#status', /^step \d+ of 40: /, TRAINING);
  expect(await page.$eval('#pause', (button) => (button as HTMLButtonElement).disabled)).toBe(false);
  await text('#status', /^done after 40 steps: the mean fake differs from the mean recording by [\d.]+$/, TRAINING);
  expect(await page.$eval('#pause', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
  expect(complaints).toEqual([]);
});
