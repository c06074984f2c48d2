/** The package as it is installed: what it holds, what `import` and `require` give, and its types under each compiler and resolution. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Packed, packInto, run } from '../tools/packed.ts';
import { linksOf } from './support/docs.ts';

const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'neurite-package-'));
/** A project that has installed the package, and nothing else. */
const project = join(work, 'project');
const installed = join(project, 'node_modules/neurite');
let packed: Packed;

beforeAll(() => {
  packed = packInto(work);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  run('npm', ['install', '--offline', '--ignore-scripts', packed.file], project);
}, 300_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const read = (path: string) => readFileSync(join(installed, path), 'utf8');

describe('the package', () => {
  test('holds what its user needs: the built files, their maps and declarations, and the documents', () => {
    const kinds = [/^dist\/[\w-]+(\.iife)?\.c?js(\.map)?$/, /^dist\/types\/.*\.d\.c?ts$/, /^(docs|bench)\/[\w-]+\.md$/];
    const others = packed.paths.filter((path) => !kinds.some((kind) => kind.test(path)));
    expect(others.sort()).toEqual([
      ...['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md'],
      ...['demo/fakes/beside.png', 'demo/screenshot.png', 'dist/LICENSE.uplot', 'package.json'],
    ]);
    console.log(`the archive has ${(packed.bytes / 1e6).toFixed(2)} MB`);
    expect(packed.bytes).toBeLessThan(3.5e6);
  });

  test('has every file that package.json names', () => {
    const { exports, main, module, types, unpkg, jsdelivr, typesVersions } = JSON.parse(read('package.json'));
    const named: string[] = [];
    const collect = (value: unknown) => {
      if (typeof value === 'string') named.push(value);
      else for (const inner of Object.values(value as object)) collect(inner);
    };
    collect([exports, main, module, types, unpkg, jsdelivr, typesVersions]);
    expect(named.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });

  test('has every page and picture that its pages link to', () => {
    const pages = packed.paths.filter((path) => path.endsWith('.md'));
    const missing = pages.flatMap((path) => {
      const text = read(path);
      const pictures = [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, target]) => target!);
      const links = linksOf({ path, text, blocks: [] }).filter((target) => /^[^:#]+\.md(#|$)/.test(target));
      // Of the README all links: a reader's first page.
      const all =
        path === 'README.md' ? linksOf({ path, text, blocks: [] }).filter((to) => !/^(https?:|#)/.test(to)) : [];
      return [...pictures, ...links, ...all]
        .map((target) => join(dirname(path), target.split('#')[0]!).replaceAll('\\', '/'))
        .filter((target) => !packed.paths.includes(target))
        .map((target) => `${path}: ${target}`);
    });
    expect(missing).toEqual([]);
  });

  test('has maps that hold their sources', () => {
    for (const path of packed.paths.filter((name) => /^dist\/[^/]+js$/.test(name))) {
      expect(read(path)).toMatch(/\n\/\/# sourceMappingURL=[\w.-]+\.map\s*$/);
      const { sources, sourcesContent } = JSON.parse(read(`${path}.map`)) as Record<string, string[]>;
      const own = sources!.flatMap((source, i) =>
        /\/src\//.test(source) ? [[source, sourcesContent![i]!] as const] : [],
      );
      if (!path.includes('uplot')) expect(own.length).toBeGreaterThan(2); // that holds uPlot alone
      for (const [source, text] of own)
        expect(text).toBe(readFileSync(join(root, 'src', source.split('/src/')[1]!), 'utf8'));
    }
  });
});

describe('in Node', () => {
  const inNode = (name: string, code: string, ...flags: string[]) => {
    writeFileSync(join(project, name), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, name], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return JSON.parse(stdout);
  };
  const SHOWN = `const entries = [engine, augmentation, brain, selftest].map((one) => Object.keys(one).filter((name) => name !== 'module.exports').sort());
    let error;
    try { brain.simulateBrain({ segments: [99], imagesPerClass: 1, seed: 1 }); } catch (caught) { error = caught; }
    console.log(JSON.stringify({ entries, same: error instanceof engine.ArgumentError }));`;
  const imported = `import * as engine from 'neurite'; import * as augmentation from 'neurite/augmentation'; import * as brain from 'neurite/brain'; import * as selftest from 'neurite/selftest'; ${SHOWN}`;
  const required = `const [engine, augmentation, brain, selftest] = ['', '/augmentation', '/brain', '/selftest'].map((name) => require('neurite' + name)); ${SHOWN}`;

  // Node 20.19 and 22.12 and later can load modules by \`require\`; the flag makes them as those before.
  test.each([
    ['that loads modules', []],
    ['that does not', ['--no-experimental-require-module']],
  ])('import and require give the same names and one engine, in a Node %s', (_, flags) => {
    const modules = inNode('a.mjs', imported, ...flags);
    expect(modules.same).toBe(true);
    expect(modules.entries.map((names: string[]) => names.length > 2)).toEqual([true, true, true, true]);
    expect(inNode('a.cjs', required, ...flags)).toEqual(modules);
  });

  test('a program that does both has one engine, where Node can load modules by require', () => {
    const both = `import('neurite').then((engine) => console.log(JSON.stringify(require('neurite').Device === engine.Device)));`;
    expect(inNode('both.cjs', both)).toBe(true);
  });

  test('what is not exported cannot be loaded', () => {
    const inner = `let code; try { require('neurite/dist/neurite.cjs') } catch (error) { code = error.code } console.log(JSON.stringify(code));`;
    expect(inNode('inner.cjs', inner)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test('an uncaught error shows a line of the sources with the option that the docs name, and one very long line without', () => {
    const wrong = `import { layers, sequential } from 'neurite'; sequential([layers.dense({ inputShape: [2], unit: 2 })]);`;
    writeFileSync(join(project, 'wrong.mjs'), wrong);
    for (const path of ['docs/installing.md', 'docs/browsers.md'])
      expect(read(path)).toContain('`node --enable-source-maps');
    const said = (...flags: string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [...flags, 'wrong.mjs'], {
        cwd: project,
        encoding: 'utf8',
      });
      expect(status).toBe(1);
      expect(stderr).toMatch(/there is no option 'unit'; .* Did you mean 'units'\?$/m);
      return { stderr, longest: Math.max(...stderr.split('\n').map(({ length }) => length)) };
    };
    expect(said().longest).toBeGreaterThan(10_000);
    const { stderr, longest } = said('--enable-source-maps');
    expect(longest).toBeLessThan(300);
    expect(stderr).toMatch(/\/src\/options\.ts:\d+\n +throw new ArgumentError/);
    expect(stderr).toMatch(/^ +at .*\/src\/nn\/network\.ts:\d+:\d+\)$/m);
  });
});

test('the classic script makes one global variable, with all names', async () => {
  const { unpkg, jsdelivr } = JSON.parse(read('package.json'));
  expect(jsdelivr).toBe(unpkg);
  const page: Record<string, unknown> = {};
  runInNewContext(read(unpkg), page);
  expect(Object.keys(page)).toEqual(['neurite']);
  expect(Object.keys(page.neurite as object).sort()).toEqual(Object.keys(await import('../src/index.ts')).sort());
});

test('docs/installing.md names the versions that it is tried with', () => {
  const text = read('docs/installing.md');
  const versionOf = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')).version as string;
  const { dependencies } = JSON.parse(readFileSync(join(root, 'tools/consumers/package.json'), 'utf8'));
  const compilers = ['typescript-5.4', 'typescript'].map((name) => [
    'TypeScript',
    versionOf(`node_modules/${name}/package.json`),
  ]);
  const others = Object.entries(dependencies as Record<string, string>)
    .filter(([name]) => !/^(webgpu|react(-dom)?)$/.test(name))
    .map(([name, version]) => [name.replace(/-\d+$/, ''), version.split('@').pop()!]);
  const named = [...compilers, ...others].map(([name, version]) => `${name} ${version!.replace(/\.\d+$/, '')}`);
  expect(named.filter((one) => !text.toLowerCase().includes(one.toLowerCase()))).toEqual([]);
});

describe('its declarations compile', () => {
  /** A program of a user, which takes from each entry. @param typed whether it knows WebGPU's types */
  const program = (typed: boolean) => `
    import { type DenseOptions, Device, layers, type Model, requestDevice, sequential } from 'neurite';
    import { randomFlip, type RandomFlipOptions } from 'neurite/augmentation';
    import { type BrainSet, simulateBrain, writeBrainImages } from 'neurite/brain';
    import { type SelfTestReport, selfTest } from 'neurite/selftest';
    const dense: DenseOptions = { units: 2, inputShape: [3] };
    const flip: RandomFlipOptions = { mode: 'horizontal', inputShape: [4, 4, 1] };
    // @ts-expect-error: no such mode
    randomFlip({ mode: 'diagonal' });
    export const flipped: Model = sequential([randomFlip(flip)]);
    export const model: Model = sequential([layers.dense(dense)]);
    export async function used(): Promise<SelfTestReport> {
      const device: Device = await requestDevice({ powerPreference: 'low-power' });
      const gpu${typed ? ': GPUDevice' : ''} = device.gpu;
      await model.compile({ loss: 'meanSquaredError', device: gpu });
      // @ts-expect-error: no device
      await model.compile({ loss: 'meanSquaredError', device: {} });
      // @ts-expect-error: no unit of a layer
      layers.dense({ units: '2' });
      const file: Blob = new Blob([await model.save()]);
      const set: BrainSet = simulateBrain({ segments: [1], imagesPerClass: 1, seed: 1 });
      const bytes: Uint8Array = await writeBrainImages(set.x);
      gpu.destroy();
      console.log(file.size, bytes.length);
      return selfTest(device);
    }
  `;
  const OLDEST = 'typescript-5.4';
  const NEWEST = 'typescript';

  // WebGPU's types come from the program, however a compiler finds modules: once is enough. The newest knows WebGPU by itself;
  // beside it @webgpu/types would declare some of it twice.
  test.each([
    [OLDEST, 'node10', 'commonjs', false],
    [OLDEST, 'node16', 'node16', false],
    [OLDEST, 'node16', 'node16', true],
    [OLDEST, 'bundler', 'esnext', false],
    [NEWEST, 'node16', 'node16', false],
    [NEWEST, 'nodenext', 'nodenext', false],
    [NEWEST, 'bundler', 'esnext', false],
  ])('%s, %s, module %s, @webgpu/types %s', (compiler, moduleResolution, module, webgpuTypes) => {
    const folder = join(project, `${compiler}-${moduleResolution}-${webgpuTypes}`);
    mkdirSync(folder);
    if (webgpuTypes) {
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(join(root, 'node_modules/@webgpu'), join(folder, 'node_modules/@webgpu'), 'junction');
    }
    // Where a compiler tells the kinds of modules apart, both: one imports, the other requires.
    const files = module === moduleResolution ? ['user.mts', 'user.cts'] : ['user.ts'];
    for (const file of files) writeFileSync(join(folder, file), program(webgpuTypes || compiler === NEWEST));
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom'] },
      ...{ types: webgpuTypes ? ['@webgpu/types'] : [], strict: true, noEmit: true, skipLibCheck: false },
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    run(process.execPath, [join(root, 'node_modules', compiler, 'bin/tsc'), '--project', '.'], folder);
  });
});
