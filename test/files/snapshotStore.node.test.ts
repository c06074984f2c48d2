/** The store in a file of Node's; that of a page is tested with the page's training. */
import { execFile } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { ArgumentError, FormatError, privateFileStore, StateError, snapshotFile } from '../../src/index.ts';
import { detach, MEMORIES } from '../support/memory.ts';

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

test('what it is given is the caller’s again once the call has returned its promise, in any memory', async () => {
  const store = snapshotFile(join(folder, 'given'));
  for (const { name, of } of MEMORIES) {
    const bytes = of(Uint8Array, [1, 2, 3]) as Uint8Array<ArrayBuffer>;
    const saving = store.save(bytes);
    bytes.fill(7);
    await saving;
    expect([...(await store.load())!], name).toEqual([1, 2, 3]);
  }
  const gone = Uint8Array.of(1);
  const view = new DataView(gone.buffer);
  detach(gone);
  for (const bytes of [gone, view, null, 'text'])
    await expect(store.save(bytes as never)).rejects.toThrow(ArgumentError);
  await store.remove();
});

test('a folder that does not exist has nothing, and nothing is saved there', async () => {
  const store = snapshotFile(join(folder, 'missing', 'run'));
  expect(await store.load()).toBeUndefined();
  await expect(store.save(Uint8Array.of(1))).rejects.toThrow(/ENOENT/);
});

/** What loading is refused with. */
async function refusal(path: string): Promise<string> {
  const error = await snapshotFile(path)
    .load()
    .catch((error: Error) => error);
  expect(error).toBeInstanceOf(FormatError);
  return (error as Error).message;
}

test('a folder is no snapshot', async () => {
  expect(await refusal(folder)).toMatch(/^the snapshot '.*' is a folder, not a file\.$/);
});

test('a pipe is none', { timeout: 5000 }, async (context) => {
  if (process.platform === 'win32') context.skip('Windows has no named pipes among its files');
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  expect(await refusal(pipe)).toMatch(/^the snapshot '.*pipe' is a device, not a file\.$/);
});

test('a file that no array can hold is refused', async () => {
  const path = join(folder, 'large');
  const file = openSync(path, 'w');
  ftruncateSync(file, 2 ** 31); // has no blocks on the disk
  closeSync(file);
  expect(await refusal(path)).toMatch(/^the snapshot '.*large' has 2147483648 bytes: too many\.$/);
  rmSync(path);
});

test('what crashed saves have left is removed, what others are saving is not', async () => {
  const own = join(folder, 'parts');
  mkdirSync(own);
  const id = '0b0e2a5c-9a5c-4c39-8a3d-1f2e3d4c5b6a';
  const left = (name: string, minutes: number) => {
    writeFileSync(join(own, name), 'half');
    const time = Date.now() / 1000 - 60 * minutes;
    utimesSync(join(own, name), time, time);
  };
  left(`run.${id}.part`, 20);
  left(`run.${id.replace('0b', '1b')}.part`, 1);
  left(`run.of.others.${id}.part`, 20);
  left('run.part', 20);
  const kept = [`run.${id.replace('0b', '1b')}.part`, `run.of.others.${id}.part`, 'run.part'];
  expect(await snapshotFile(join(own, 'run')).load()).toBeUndefined();
  expect(readdirSync(own).sort()).toEqual([...kept].sort());
  left(`run.${id}.part`, 20);
  await snapshotFile(join(own, 'run')).save(Uint8Array.of(1));
  expect(readdirSync(own).sort()).toEqual([...kept, 'run'].sort());
});

test.each([undefined, '', 5, null])('%o is no path and no name', (value) => {
  expect(() => snapshotFile(value as never)).toThrow(ArgumentError);
  expect(() => privateFileStore(value as never)).toThrow(ArgumentError);
});

test("a page's store says that it is of no use here, and what is", () => {
  expect(() => privateFileStore('digits')).toThrow(StateError);
  expect(() => privateFileStore('digits')).toThrow(/in Node, use snapshotFile/);
});
