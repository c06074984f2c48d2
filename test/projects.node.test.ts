/** Which tests run where: none vanishes, and a name finds the fastest place. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createVitest, type TestModule } from 'vitest/node';
import { chooseFiles } from '../tools/testFiles.ts';
import { parseTestOptions } from '../tools/testOptions.ts';
import { TestTable } from '../tools/testTable.ts';
import { leftOut, PROJECTS, type ProjectName } from './projects.ts';

const { NEURITE_ALL: before } = process.env;
afterEach(() => {
  if (before === undefined) delete process.env.NEURITE_ALL;
  else process.env.NEURITE_ALL = before;
});

/** Files of each project. */
async function filesOf(all: boolean): Promise<Map<string, Set<string>>> {
  process.env.NEURITE_ALL = all ? '1' : '';
  const vitest = await createVitest('test', { watch: false });
  const files = new Map<string, Set<string>>();
  for (const { project, moduleId } of await vitest.globTestSpecifications()) {
    const name = project.name.replace(/ \(.*/, '');
    files.set(name, (files.get(name) ?? new Set()).add(moduleId.slice(vitest.config.root.length + 1)));
  }
  await vitest.close();
  return files;
}

describe('projects', () => {
  test('each test file runs in one at least, but for one that repeats others; with --all none runs in fewer', async () => {
    const [some, all] = [await filesOf(false), await filesOf(true)];
    const written = readdirSync(resolve(import.meta.dirname), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts'))
      .map((path) => `test/${path.replaceAll('\\', '/')}`);
    const missing = (files: Map<string, Set<string>>) => {
      expect([...files.keys()].sort()).toEqual(Object.keys(PROJECTS).sort());
      return written.filter((path) => ![...files.values()].some((set) => set.has(path)));
    };
    expect(missing(all)).toEqual([]);
    expect(missing(some)).toEqual(['test/selftest/all.test.ts']); // its cases run in test/ops, all of it in the page's self-test
    for (const [name, files] of some) expect([...files].filter((file) => !all.get(name)!.has(file))).toEqual([]);
    for (const name of ['dawn', 'firefox', 'browser'])
      expect(all.get(name)!.size).toBeGreaterThan(some.get(name)!.size);
  });

  test('what one leaves out is among the files that it could run', async () => {
    const all = await filesOf(true);
    const everywhere = [...all.values()].flatMap((set) => [...set]);
    for (const name of Object.keys(PROJECTS) as ProjectName[]) {
      const patterns = leftOut(name, false).flatMap(alternatives);
      expect(patterns.filter((pattern) => !everywhere.some((path) => fits(path, pattern)))).toEqual([]);
    }
  });
});

/** A star stands for a part of one name. */
function fits(path: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('[^/]*')}$`).test(path);
}

/** `a/{b,c}.ts`: what it stands for. */
function alternatives(pattern: string): string[] {
  const [, start, names, end] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return names === undefined ? [pattern] : names.split(',').map((name) => `${start}${name}${end}`);
}

describe('npm test -- NAME', () => {
  test('a file that is called so, alone, in Dawn', async () => {
    const { beside, ...chosen } = await chooseFiles(['conv2d']);
    expect(chosen).toEqual({ projects: ['dawn'], files: ['test/ops/conv2d.test.ts'] });
    expect(beside).toContain('test/ops/conv2dKernels.test.ts');
  });

  test('else all whose path contains it; each where it is fastest', async () => {
    const { projects, files } = await chooseFiles(['ops/conv2dF', 'hash', 'worker', 'firefox']);
    expect(files).toEqual([
      'test/ops/conv2dFilterGrad.test.ts',
      'test/core/hash.node.test.ts',
      'test/page/worker.test.ts',
      'test/page/firefox.node.test.ts',
    ]);
    expect(projects).toEqual(['dawn', 'node', 'browser', 'page']);
    expect(await chooseFiles(['no such file'])).toEqual({ projects: [], files: [], beside: [] });
  });

  test('--all is an option of this command', () => {
    expect(parseTestOptions(['--all', 'relu', '-t', 'x'])).toMatchObject({ all: true, filter: ['relu'] });
    expect(parseTestOptions(['relu']).all).toBe(false);
  });
});

test('the table counts files and tests that ran, by project', () => {
  const table = new TestTable();
  const { onTestModuleQueued, onTestModuleEnd } = table.reporter;
  const module = (name: string, ...states: string[]) =>
    ({
      project: { name },
      children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
    }) as unknown as TestModule;
  for (const one of [
    module('dawn', 'passed', 'failed', 'skipped'),
    module('browser (chrome)', 'passed'),
    module('dawn'),
  ]) {
    onTestModuleQueued!(one);
    onTestModuleEnd!(one);
  }
  expect(String(table).split('\n')).toEqual([
    'project      files    tests  seconds',
    'dawn             2        2        0',
    'browser          1        1        0',
  ]);
});
