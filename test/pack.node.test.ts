/** `npm run bench:pack`: the folder runs from another place, with nothing of this one and nothing on the PATH. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownErrors } from './support/process.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'neurite-pack-'));
const made = join(folder, 'made');
const moved = join(folder, 'moved elsewhere');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pack = (out: string) =>
  spawnSync(process.execPath, ['tools/run.mjs', 'pack', '--out', out], { cwd: root, encoding: 'utf8' });

function bench(env: Record<string, string>, ...args: string[]) {
  const options = { cwd: folder, encoding: 'utf8', env: { PATH: '', HOME: '/nowhere', ...env } } as const;
  const { status, stdout, stderr } = spawnSync(join(moved, 'bench.sh'), args, options);
  return { status, stdout, stderr: ownErrors(stderr) };
}

describe('npm run bench:pack', { skip: process.platform !== 'linux' || process.arch !== 'x64' }, () => {
  beforeAll(() => {
    const { status, stderr } = pack(made);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    cpSync(made, moved, { recursive: true });
    rmSync(made, { recursive: true });
  }, 300_000);

  test('has less than 60 MB', () => {
    const files = readdirSync(moved, { recursive: true, encoding: 'utf8' }).map((file) => statSync(join(moved, file)));
    expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(60e6);
  });

  test('runs where it was copied to, and says what it takes', () => {
    expect(bench({}, '--help')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('--quick') });
    expect(bench({}, '--slow')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^error: .*--slow/) });
  });

  test('loads Dawn and tells of a missing GPU', () => {
    const { status, stdout, stderr } = bench({ VK_DRIVER_FILES: '/nowhere.json' }, '--quick');
    expect(stderr).toMatch(/^error: no GPU that WebGPU can use \(tried VK_DRIVER_FILES=\/nowhere\.json\)[^\n]*$/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });

  test('replaces a packed folder, and no other', () => {
    const other = join(folder, 'photos');
    cpSync(join(moved, 'LICENSE'), join(other, 'LICENSE'));
    writeFileSync(join(other, 'cat.jpg'), '');
    const { status, stderr } = pack(other);
    expect(stderr).toMatch(/^error: .*photos is not empty and no packed folder/);
    expect(status).toBe(1);
    expect(existsSync(join(other, 'cat.jpg'))).toBe(true);
  });
});
