/** A run that a reload or a closed tab cuts off goes on, and ends as if nothing had been. */
import { expect, test, vi } from 'vitest';
import { violations } from './axe.ts';
import { builtPage } from './builtPage.ts';
import { ENDLESS, SMALL_BASELINE, TINY, tiny } from './links.ts';
import { courseFiles, finished, scrollThrough, undisturbed, type Visit, visit } from './visitor.ts';

/** Runs go to their ends, and a machine may be busy. */
vi.setConfig({ testTimeout: 600_000 });

const built = builtPage();
const { downloads, open } = built;

/** The engine stores a snapshot with the first step after so many milliseconds. */
const SNAPSHOT_MS = 10_000;
/** Long enough to be paused in its middle. */
const EPOCHS = 150;
const LONG = tiny({ epochs: EPOCHS });
const RUN = 'own network #1';
const LATER = /Training of own network.* was cut off\. It can go on in epoch ([2-9]|\d\d+) of \d+\./;

/**
 * Sees to it that a snapshot of mid-training is stored, however fast the machine: tabs pause while it becomes due.
 * @param cut what is done with each as soon as it trains again, before its run may end
 */
async function stored(tabs: readonly Visit[], cut?: (tab: Visit) => Promise<void>): Promise<void> {
  for (const { page, text, click, see } of tabs) {
    await page.bringToFront();
    await text('.transport-text', /training: epoch ([3-9]|\d\d)/);
    await click('Pause');
    await see('.transport-text[data-state="paused"]');
  }
  for (const { page, click } of tabs) {
    await page.bringToFront();
    const before = await page.evaluate(writtenAt);
    await page.workers()[0]!.evaluate(putForward, SNAPSHOT_MS);
    for (let i = 0; i < 3; i++) await click('Train one step');
    await expect.poll(() => page.evaluate(writtenAt)).toBeGreaterThan(before);
  }
  for (const tab of tabs) {
    await tab.page.bringToFront();
    await tab.click('Resume');
    await cut?.(tab);
  }
}

/** In the worker: its clock says that so many milliseconds have passed. */
function putForward(milliseconds: number): void {
  const now = performance.now.bind(performance);
  performance.now = () => now() + milliseconds;
}

/** In the page: when the tab's file of snapshots was written. It is replaced as a whole. */
async function writtenAt(): Promise<number> {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('neurite');
  const handle = await folder.getFileHandle(`page%20${sessionStorage.getItem('slot')}.safetensors`);
  return (await handle.getFile()).lastModified;
}

/** In the page: whether a run of the tab is remembered. */
function remembers(): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('keyval-store');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const store = opening.result.transaction('keyval').objectStore('keyval');
      const reading = store.count(`cutOff:${sessionStorage.getItem('slot')}`);
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result > 0);
      };
    };
  });
}

/** The page again, in the same tab. */
async function reload(visitor: Visit): Promise<void> {
  await visitor.page.reload();
  await visitor.see('.transport .main:not(:disabled)');
  await visitor.text('.transport-text', /^ready/);
  await scrollThrough(visitor.page);
}

/** No offer comes: what one would be made from is gone. */
async function noOffer({ page }: Visit): Promise<void> {
  await expect.poll(() => page.evaluate(remembers)).toBe(false);
  expect(await page.$('.cut-off')).toBeNull();
}

/** Two tabs, both reloaded: each goes on with its own run. @param wanted the model's file of the one with LONG */
async function bothReloaded(wanted: Buffer): Promise<void> {
  const other = tiny({ epochs: EPOCHS, seed: 4 });
  const tabs = [await open(LONG), await open(other)];
  for (const tab of tabs) {
    await tab.page.bringToFront();
    await tab.click('Start');
  }
  await stored(tabs, async (tab) => {
    await reload(tab);
    await tab.text('.cut-off', LATER);
    await tab.click('Go on');
    await tab.see('.runs tbody');
  });
  const files = [await finished(tabs[0]!, RUN, downloads), await finished(tabs[1]!, RUN, downloads)];
  expect(files[0]!.equals(wanted)).toBe(true);
  expect(files[1]!.equals(wanted)).toBe(false);
  for (const { page, complaints } of tabs) {
    expect(complaints).toEqual([]);
    await page.close();
  }
}

test('reloaded, it goes on with its curves, its controls and its bits; of two tabs each with its own', async () => {
  const wanted = await undisturbed(built, LONG, RUN); // once: it takes a minute
  await bothReloaded(wanted);
  const visitor = await open(LONG);
  const { page, click, text, complaints } = visitor;
  await click('Start');
  await stored([visitor]);
  const reached = Number((await text('.transport-text', /epoch \d/)).match(/epoch (\d+)/)![1]);
  await reload(visitor);
  const epoch = Number((await text('.cut-off', LATER)).match(LATER)![1]);
  expect(epoch).toBeLessThanOrEqual(reached + 1);
  expect(await violations(page)).toEqual([]);
  await click('Go on');
  await click('Pause');
  await visitor.see('.transport-text[data-state="paused"]');
  expect(await page.$('.cut-off')).toBeNull();
  await click('Train one step');
  await text('.transport-text', new RegExp(`paused: epoch \\d+ of ${EPOCHS}`));
  await click('Resume');
  expect((await finished(visitor, RUN, downloads)).equals(wanted)).toBe(true);
  // Once each, from the first step to the last.
  const row = await text('.runs tbody', /own network #1/);
  expect(row.match(/own network/g)).toHaveLength(1);
  await click('Keep own network #1 in this browser');
  await text('.runs tbody', /Kept/);
  expect(await page.evaluate(curvesOf)).toEqual({ points: true, epochs: true });
  await noOffer(visitor); // it has ended
  await reload(visitor);
  await noOffer(visitor);
  expect(complaints).toEqual([]);
});

/** In the page: whether the one kept run has each of its points, and each once. */
function curvesOf(): Promise<{ points: boolean; epochs: boolean }> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('keyval-store');
    opening.onsuccess = () => {
      const reading = opening.result
        .transaction('keyval')
        .objectStore('keyval')
        .getAll(IDBKeyRange.bound('run:', 'run;'));
      reading.onsuccess = () => {
        opening.result.close();
        const [{ points, epochs, stepsPerEpoch, settings }] = reading.result;
        const last = settings.training.epochs;
        const steps = Array.from(
          { length: last * stepsPerEpoch },
          (_, i) => Math.floor(i / stepsPerEpoch) + ((i % stepsPerEpoch) + 1) / stepsPerEpoch,
        );
        const xs = (list: { x: number }[]) => list.map(({ x }) => x).join();
        resolve({
          points: xs(points) === steps.join(),
          epochs: xs(epochs) === Array.from({ length: last }, (_, i) => i + 1).join(),
        });
      };
    };
  });
}

test('closed, it goes on in a new tab; another rate, another reload', async () => {
  const first = await open(ENDLESS);
  await first.click('Start');
  await stored([first]);
  await first.page.close();
  const visitor = await open('');
  const { page, click, text, complaints } = visitor;
  await text('.cut-off', LATER);
  await click('Go on');
  await text('.transport-text', /training: epoch/);
  await visitor.unfold();
  await visitor.type('Learning rate', '0.0005');
  await page.keyboard.press('Enter');
  await text('.numbers', /learning rate0\.00050/);
  await stored([visitor]);
  await reload(visitor);
  await text('.cut-off', LATER);
  await click('Go on');
  await text('.transport-text', /training: epoch/);
  await visitor.unfold();
  await text('.numbers', /learning rate0\.00050/);
  expect(await page.$$eval('input', (inputs) => inputs.map(({ value }) => value))).toContain('0.0005');
  await click('Stop training');
  await text('.transport-text', /^ready/);
  // Its model is there, and can be trained on.
  await text('.runs tbody', /own network #1.*stopped/);
  await click('Test now');
  await visitor.see('.confusion');
  await noOffer(visitor);
  await click('Train on');
  await stored([visitor]);
  await reload(visitor);
  await text('.cut-off', /own network, further #2 was cut off/);
  await click('Go on');
  await text('.transport-text', /training: epoch/);
  await reload(visitor);
  await click('Forget it');
  await noOffer(visitor);
  await reload(visitor);
  await noOffer(visitor);
  expect(complaints).toEqual([]);
});

test('paused and reloaded; another run takes its place', async () => {
  const visitor = await open(SMALL_BASELINE);
  const { page, click, text, complaints } = visitor;
  await click('Start');
  await click('Pause');
  await visitor.see('.transport-text[data-state="paused"]');
  await reload(visitor);
  await text('.cut-off', /baseline #1 was cut off\. It can go on in epoch \d+ of 1000\./);
  await click('Go on');
  await text('.transport-text', /training: epoch/);
  await reload(visitor);
  await visitor.see('.cut-off');
  await click('Start');
  await text('.transport-text', /training: epoch/);
  expect(await page.$('.cut-off')).toBeNull();
  await click('Stop training');
  await text('.transport-text', /^ready/);
  await noOffer(visitor);
  expect(complaints).toEqual([]);
});

test('own files are opened again first; others are refused', async () => {
  const visitor = await open(ENDLESS);
  const { page, click, text, complaints } = visitor;
  const files = await courseFiles(['real_3.gz', 'fake_3.gz']);
  const others = await courseFiles(['fake_3.gz', 'real_3.gz']); // what was real is called fake
  await visitor.unfold();
  await visitor.drop(files);
  await text('.inventory', /course/);
  await click('Start');
  await text('.transport-text', /training: epoch/);
  await reload(visitor);
  await text('.cut-off', /It trains on your own files: open the same ones first/);
  const canGoOn = () => page.$eval('.cut-off .main', (button) => !(button as HTMLButtonElement).disabled);
  expect(await canGoOn()).toBe(false);
  await visitor.drop(others);
  await expect.poll(canGoOn).toBe(true);
  await click('Go on');
  await text('.notice.problem', /the data are not those of the run/);
  await text('.transport-text', /^ready/);
  await visitor.see('.cut-off'); // the offer stays
  expect(await page.$('.runs tbody')).toBeNull();
  await visitor.unfold();
  await visitor.drop(files);
  await text('.inventory', /4 real ones and 4 fakes/);
  await expect.poll(canGoOn).toBe(true);
  await click('Go on');
  await text('.transport-text', /training: epoch/);
  await click('Stop training');
  await text('.transport-text', /^ready/);
  await noOffer(visitor);
  expect(complaints).toEqual([]);
});

test.each([0, 1])('without a private file system it trains as ever (%i)', async (kind) => {
  const visitor = await visit(built.browser, `${built.site.urlsWithoutFiles[kind]}lab.html${TINY}`);
  const { click, text, complaints } = visitor;
  await scrollThrough(visitor.page);
  await visitor.see('.transport .main:not(:disabled)');
  await text('.transport-text', /^ready/);
  await click('Start');
  await finished(visitor, RUN, downloads);
  await click('Start');
  await text('.transport-text', /training: epoch/);
  await reload(visitor);
  await noOffer(visitor);
  expect(complaints).toEqual([]);
});
