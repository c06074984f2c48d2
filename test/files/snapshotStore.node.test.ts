/** The store in a file of Node's; that of a page is tested with the page's training. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ArgumentError, privateFileStore, StateError, snapshotFile } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-snapshots-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('keeps what was saved last, and nothing beside it', async () => {
  const store = snapshotFile(join(folder, 'run'));
  expect(await store.load()).toBeUndefined();
  await store.remove(); // of nothing
  await store.save(Uint8Array.of(1, 2, 3));
  await store.save(Uint8Array.of(4));
  expect([...(await snapshotFile(join(folder, 'run')).load())!]).toEqual([4]);
  expect(readdirSync(folder)).toEqual(['run']);
  await store.remove();
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that does not exist, or a path that is one, is told by Node', async () => {
  const store = snapshotFile(join(folder, 'missing', 'run'));
  expect(await store.load()).toBeUndefined();
  await expect(store.save(Uint8Array.of(1))).rejects.toThrow(/ENOENT/);
  await expect(snapshotFile(folder).load()).rejects.toThrow(/EISDIR/);
});

test.each([undefined, '', 5, null])('%o is no path and no name', (value) => {
  expect(() => snapshotFile(value as never)).toThrow(ArgumentError);
  expect(() => privateFileStore(value as never)).toThrow(ArgumentError);
});

test("a page's store says that it is of no use here, and what is", () => {
  expect(() => privateFileStore('digits')).toThrow(StateError);
  expect(() => privateFileStore('digits')).toThrow(/in Node, use snapshotFile/);
});
