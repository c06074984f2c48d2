/** Two tabs train at once, and a worker is ended in mid-step. In a browser of its own, whose GPU process they share. */
import { expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { SMALL_BASELINE, TINY } from './links.ts';
import { finished, listenTo, undisturbed } from './visitor.ts';

const built = builtPage();
const { downloads, open } = built;

const RUN = 'own network #1';

test('two tabs that train at once end with the bits of one', { timeout: 600_000 }, async () => {
  const alone = await undisturbed(built, TINY, RUN);
  const tabs = [await open(TINY), await open(TINY)];
  const said = await Promise.all(tabs.map((tab) => listenTo(tab, '.transport-text')));
  for (const tab of tabs) {
    await tab.page.bringToFront();
    await tab.click('Start');
    await tab.click('Pause'); // however fast the machine, the first is not done when the second begins
    await tab.see('.transport-text[data-state="paused"]');
  }
  await Promise.all(
    tabs.map(({ page }) => page.$eval('.transport .main', (resume) => (resume as HTMLElement).click())),
  );
  for (const tab of tabs) expect((await finished(tab, RUN, downloads)).equals(alone)).toBe(true);
  for (const [k, { complaints }] of tabs.entries()) {
    expect(complaints).toEqual([]);
    expect(await said[k]!()).toContainEqual(expect.stringMatching(/training: epoch/));
  }
});

test('a tab that is closed in mid-step leaves the other one alone', async () => {
  const stays = await open(TINY);
  const goes = await open(SMALL_BASELINE);
  await goes.click('Start');
  await goes.text('.transport-text', /training: epoch/);
  await stays.page.bringToFront();
  await stays.click('Start');
  await stays.text('.transport-text', /training: epoch/);
  await goes.page.close();
  await finished(stays, RUN, downloads);
  expect(stays.complaints).toEqual([]);
});
