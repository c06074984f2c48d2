/** Runs that are kept, of several tabs and of former versions of the page. */
import { describe, expect, test } from 'vitest';
import { newKey, numbered } from '../../demo/lab/runs/record.ts';
import { builtPage } from './builtPage.ts';
import { TINY } from './links.ts';
import { scrollThrough } from './visitor.ts';

const built = builtPage();

describe('numbers', () => {
  const run = (id: number, minute: number, name = `own network #${id}`) => ({
    ...{ id, name, started: new Date(2026, 0, 1, 0, minute), points: [], epochs: [] },
    settings: { training: { batchSize: 4 }, data: { roles: [] } },
  });
  const names = (...given: Parameters<typeof numbered>) => numbered(...given).map(([key, { name }]) => [key, name]);
  const none = new Set<number>();

  test('are given once, whatever tabs have given them', () => {
    const entries: [string, unknown][] = [
      ['run:b', run(1, 2)],
      ['run:c', run(2, 3)],
      ['run:1', run(1, 1)], // as a former version named it
      ['cutOff:0', { run: run(1, 0) }],
      ['run:damaged', { id: 9 }],
    ];
    expect(names(entries, none)).toEqual([
      ['run:1', 'own network #1'],
      ['run:b', 'own network #3'],
      ['run:c', 'own network #2'],
    ]);
    expect(names(entries, new Set([2, 7]))).toEqual([
      ['run:1', 'own network #1'],
      ['run:b', 'own network #8'],
      ['run:c', 'own network #9'],
    ]);
  });

  test('a file keeps its name', () => {
    const entries: [string, unknown][] = [
      ['run:a', run(1, 1)],
      ['run:b', run(1, 2, 'mine.safetensors')],
    ];
    expect(names(entries, none)[1]).toEqual(['run:b', 'mine.safetensors']);
    expect(numbered(entries, none)[1]![1].id).toBe(2);
  });

  test('keys differ', () => {
    expect(newKey()).not.toBe(newKey());
  });
});

test('two tabs keep their first runs: both are there after a reload, and one can be forgotten', async () => {
  const tabs = [await built.open(TINY), await built.open(TINY)];
  for (const { page, click, text } of tabs) {
    await page.bringToFront();
    await click('Start');
    await text('.transport-text', /epoch [1-9]\d* of/);
    await click('Stop training');
    await text('.runs tbody', /stopped/);
    await click('Keep own network #1 in this browser');
    await text('.runs tbody', /Kept/);
  }
  const [{ page, click, text, complaints }, other] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
  await other.page.close();
  await page.bringToFront();
  const rows = () => page.$$eval('.runs tbody th label', (all) => all.map(({ textContent }) => textContent));
  await page.reload();
  await scrollThrough(page);
  await text('.runs tbody', /#2/);
  expect(await rows()).toEqual(['own network #1', 'own network #2']);
  await click('Remove own network #1');
  await expect.poll(rows).toEqual(['own network #2']);
  await page.reload();
  await scrollThrough(page);
  await text('.runs tbody', /own network/);
  expect(await rows()).toHaveLength(1);
  expect(complaints).toEqual([]);
  await page.close();
});
