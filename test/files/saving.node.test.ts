/** What is left when a save is cut short: all of the old file, or all of the new one. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileStore } from '../../src/index.ts';
import { replaceFiles } from '../../src/runtime/replaceFiles.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neurite-saving-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

/** Resolves to how the process ended. */
async function crash(what: 'store' | 'run', where: string, moment: string): Promise<string> {
  const script = resolve(import.meta.dirname, 'crash.ts');
  return promisify(execFile)(process.execPath, ['--import', 'tsx', script, what, where, moment]).then(
    () => 'finished',
    ({ signal, stderr }) => signal ?? stderr,
  );
}

describe('killed in mid-save', () => {
  test.each(['write', 'flush', 'rename1'])('the store of choices is the old one: %s', async (moment) => {
    const old = '{"adapter": {"op": "old"}}';
    writeFileSync(join(folder, 'tuning.json'), old);
    expect(await crash('store', join(folder, 'tuning.json'), moment)).toBe('SIGKILL');
    expect(read('tuning.json')).toBe(old);
    await fileStore(join(folder, 'tuning.json')).save('adapter', { op: 'next' });
    expect(await fileStore(join(folder, 'tuning.json')).load('adapter')).toEqual({ op: 'next' });
  });

  test('where nothing kills it, it is the new one', async () => {
    expect(await crash('store', join(folder, 'tuning.json'), 'never')).toBe('finished');
    expect(JSON.parse(read('tuning.json'))).toEqual({ adapter: { op: 'new' } });
    expect(readdirSync(folder)).toEqual(['tuning.json']);
  });

  const FILES = ['metrics.json', 'model.safetensors'];
  const state = () => FILES.map((file) => (read(file).startsWith('old') ? 'old' : 'new'));
  test.each([
    ['write', 'SIGKILL', ['old', 'old']],
    ['flush', 'SIGKILL', ['old', 'old']],
    ['rename1', 'SIGKILL', ['old', 'old']],
    ['rename2', 'SIGKILL', ['old', 'new']], // the numbers last
    ['never', 'finished', ['new', 'new']],
  ])('each file of a run folder is whole: %s', async (moment, end, want) => {
    for (const file of FILES) writeFileSync(join(folder, file), 'old');
    expect(await crash('run', folder, moment)).toBe(end);
    expect(state()).toEqual(want);
    if (want[1] === 'new') expect(read('model.safetensors')).toBe('new weights');
  });
});

describe('replaceFiles', () => {
  const path = () => join(folder, 'file');

  test.each(['open', 'rename'] as const)('leaves the old file and nothing else where %s fails', async (call) => {
    writeFileSync(path(), 'old');
    const failing = { ...fs, [call]: async () => Promise.reject(new Error('the disk is full')) };
    await expect(replaceFiles(failing, [[path(), 'new']])).rejects.toThrow('the disk is full');
    expect([read('file'), readdirSync(folder)]).toEqual(['old', ['file']]);
  });

  test('flushes before it renames', async () => {
    const calls: string[] = [];
    const note = (call: string, work: Promise<void>) => {
      calls.push(call);
      return work;
    };
    const noting = {
      ...fs,
      open: async (name: string, flags: 'wx') => {
        const file = await fs.open(name, flags);
        return {
          writeFile: (data: string | Uint8Array) => file.writeFile(data),
          sync: () => note('sync', file.sync()),
          close: () => note('close', file.close()),
        };
      },
      rename: (from: string, to: string) => note('rename', fs.rename(from, to)),
    };
    await replaceFiles(noting, [
      [path(), 'a'],
      [join(folder, 'other'), Uint8Array.of(98)],
    ]);
    expect(calls).toEqual(['sync', 'close', 'sync', 'close', 'rename', 'rename']);
    expect([read('file'), read('other')]).toEqual(['a', 'b']);
  });

  test('many at once do not meet', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => replaceFiles(fs, [[path(), `${i}`.repeat(1000)]])));
    expect(read('file')).toMatch(/^(\d+)\1{999}$/);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('refuses a folder', async () => {
    mkdirSync(path());
    await expect(replaceFiles(fs, [[path(), 'new']])).rejects.toThrow(/EISDIR/);
  });

  test('keeps a link, and writes to a device', async (context) => {
    if (process.platform === 'win32') context.skip('Windows has no devices among its files, and links for some only');
    writeFileSync(join(folder, 'far'), 'old');
    symlinkSync(join(folder, 'far'), join(folder, 'link'));
    await replaceFiles(fs, [[join(folder, 'link'), 'new']]);
    expect(read('far')).toBe('new');
    await replaceFiles(fs, [['/dev/null', 'nothing']]);
    expect((await fs.stat('/dev/null')).isFile()).toBe(false);
  });
});
