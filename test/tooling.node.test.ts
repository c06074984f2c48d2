/** The package as its users get it: what package.json promises is what the build makes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { swiftShaderFolders } from '../tools/node/chromium.ts';
import { ownErrors } from './support/process.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

describe('package.json', () => {
  test('has no runtime dependencies', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.peerDependencies ?? {}).toEqual({});
  });

  test.each(['package-lock.json', 'tools/chromium/package-lock.json'])('%s names no registry', (path) => {
    expect(read(path)).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });

  test('package-lock.json has the packages of every platform', () => {
    const packages: Record<string, { optionalDependencies?: object }> = JSON.parse(read('package-lock.json')).packages;
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    const missing = wanted.filter(
      (name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test('every public command goes through tools/run.mjs, which sets up what is missing', () => {
    for (const command of ['train', 'build', 'test', 'start']) {
      expect(manifest.scripts[command]).toBe(`node tools/run.mjs ${command}`);
    }
  });
});

describe('npm run build', () => {
  const outDir = mkdtempSync(join(tmpdir(), 'neurite-build-'));
  const node = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(`${stdout}${stderr}`.trim(), `${args.join(' ')} ended with status ${status}`).toBe('');
    expect(status).toBe(0);
  };

  beforeAll(() => node('--import', 'tsx', 'tools/build.ts', '--library', '--out', outDir));
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  test('makes one module without imports at the place that `exports` names', async () => {
    const file = join(outDir, manifest.exports['.'].import.replace('./dist/', ''));
    const code = readFileSync(file, 'utf8');
    expect(code).not.toMatch(/\bimport\s*[({'"*\w][^;]*?\bfrom\b|\bimport\s*['"(]|\bexport\b[^;]*?\bfrom\s*['"]/);
    expect(code, 'shaders are inlined').toContain('@compute');
    expect(Object.keys(await import(/* @vite-ignore */ file)).length).toBeGreaterThan(0);
  });

  test('the module runs in Node on the npm package webgpu, as the README says', () => {
    const [, script] = /## In Node\n.*?```js\n(.*?)```/s.exec(read('README.md'))!;
    const module = pathToFileURL(join(outDir, 'neurite.js')).href;
    const [folder] = swiftShaderFolders();
    const software =
      folder && !process.env.VK_DRIVER_FILES
        ? { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json') }
        : {};
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script!.replace("'neurite'", `'${module}'`)],
      { cwd: root, encoding: 'utf8', env: { ...process.env, ...software }, timeout: 50_000 },
    );
    expect(ownErrors(stderr)).toBe('');
    expect(stdout).toMatch(/^Float32Array\(1\) \[ (8\.9|9\.0)\d* \]$/m);
    expect(status).toBe(0);
  });

  test('makes declarations that a strict user of the package can compile against', () => {
    const types = join(outDir, manifest.exports['.'].types.replace('./dist/', ''));
    const user = join(outDir, 'user.mts');
    writeFileSync(user, `export * from './${dirname(types).slice(outDir.length + 1)}/index.js';\n`);
    node(
      ...['node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'],
      ...['--lib', 'es2023,dom', '--ignoreConfig', user],
    );
  });
});
