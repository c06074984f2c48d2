/** What README and docs say exists: files and headings that they link to, ops, commands and their options. docsCode.node.test.ts runs their code. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as augmentation from '../src/augmentation/index.ts';
import * as engine from '../src/index.ts';
import type { ApplyContext, WeightSpec } from '../src/nn/layers/layer.ts';
import * as ops from '../src/ops/index.ts';
import { check, type Kind } from '../src/options.ts';
import * as tensorboard from '../src/tensorboard/index.ts';
import * as vis from '../src/vis/index.ts';
import * as worker from '../src/worker/index.ts';
import { docPages, headingIds, linksOf, root } from './support/docs.ts';
import { LINES } from './support/tensorflowLines.ts';

const pages = docPages();
const page = (path: string) => pages.find((other) => other.path === path)!;

describe('README and docs', () => {
  test('link to files and headings that exist', () => {
    const broken: string[] = [];
    let links = 0;
    for (const from of pages) {
      for (const link of linksOf(from).filter((target) => !/^https?:/.test(target))) {
        links++;
        const [path, heading] = link.split('#') as [string, string | undefined];
        const file = path ? resolve(root, dirname(from.path), path) : join(root, from.path);
        const target = page(relative(root, file));
        const ok = existsSync(file) && (heading === undefined || (target && headingIds(target).includes(heading)));
        if (!ok) broken.push(`${from.path}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
    expect(links).toBeGreaterThan(150);
  });

  test('name files that exist', () => {
    const paths = /`((?:src|demo|test|tools|shaders|docs|bench)\/[\w./-]+)`/g;
    const named = pages.flatMap(({ path, text }) => [...text.matchAll(paths)].map(([, file]) => `${path}: ${file}`));
    const placeholder = /\/x(\.test)?\.(ts|wgsl)$/; // of a new op
    expect(named.filter((line) => !placeholder.test(line) && !existsSync(join(root, line.split(': ')[1]!)))).toEqual(
      [],
    );
    expect(named.length).toBeGreaterThan(10);
  });

  test('can all be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) {
      for (const link of page(path) ? linksOf(page(path)) : [])
        if (/\.md(#|$)/.test(link)) reached.add(join(dirname(path), link.split('#')[0]!));
    }
    expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });

  test('have code in languages that a test runs or checks, and nothing else', () => {
    const languages = new Set(pages.flatMap(({ blocks }) => blocks.map(({ language }) => language)));
    expect([...languages].sort()).toEqual(['html', 'js', 'sh', 'text']);
  });

  test('the table of ops has every op', () => {
    const named = new Set([...page('docs/ops.md').text.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    // Gradient kernels and the helper of broadcasting are parts of ops that the table has.
    const parts = /Grad$|^sumTo$|WithArgmax$/;
    const missing = Object.entries(ops).flatMap(([name, value]) =>
      typeof value === 'function' && !named.has(name) && !parts.test(name) ? [name] : [],
    );
    expect(missing).toEqual([]);
  });

  test('name every export: what they do not name is not public', () => {
    const code = pages.flatMap(({ text }) => text.match(/`[^`\n]+`|^```[\s\S]*?^```/gm) ?? []).join('\n');
    const named = new Set(code.match(/[A-Za-z]\w*/g));
    for (const module of [engine, augmentation, tensorboard, vis, worker]) {
      expect(Object.keys(module).filter((name) => !named.has(name))).toEqual([]);
    }
  });

  test('the README is a door: at most 150 lines and 1,500 words', () => {
    const { text } = page('README.md');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
    expect(text.split(/\s+/).length).toBeLessThanOrEqual(1500);
  });

  test('the changes begin with the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(/^## (.*)$/m.exec(page('CHANGELOG.md').text)![1]).toBe(version);
  });
});

test('the guide names every option of every call and layer', async () => {
  const { text } = page('docs/guide.md');
  const named = new Set([...text.matchAll(/[A-Za-z]\w*/g)].map(([word]) => word));
  const modules = [
    import('../src/nn/step/applyNetwork.ts'),
    import('../src/nn/step/compileOptions.ts'),
    import('../src/nn/train/fit.ts'),
    import('../src/nn/train/readyCallbacks.ts'),
    import('../src/nn/train/classify.ts'),
    import('../src/nn/train/predict.ts'),
    import('../src/nn/train/trainingStep.ts'),
    import('../src/nn/file/load.ts'),
    import('../src/runtime/device.ts'),
  ];
  const tables = (await Promise.all(modules)).flatMap((module) =>
    Object.entries(module).filter(([name]) => name.endsWith('_OPTIONS')),
  );
  expect(tables.map(([name]) => name).sort()).toEqual([
    'APPLY_OPTIONS',
    'CLASSIFY_OPTIONS',
    'COMPILE_OPTIONS',
    'DEVICE_OPTIONS',
    'EARLY_STOPPING_OPTIONS',
    'FIT_OPTIONS',
    'LOAD_OPTIONS',
    'PREDICT_OPTIONS',
    'TRAINING_STEP_OPTIONS',
  ]);
  const { layerType, layerTypes } = await import('../src/nn/layers/index.ts');
  const { AUGMENTATION } = await import('../src/nn/layers/augmentation.ts');
  augmentation.registerAugmentation();
  const optimizers = await import('../src/nn/optimizers.ts');
  const wanted = [
    ...tables.flatMap(([, table]) => Object.keys(table as object)),
    ...[...layerTypes, ...AUGMENTATION].flatMap((type) => [type, ...Object.keys(layerType(type).optionKinds)]),
    ...(['sgd', 'rmsprop', 'adam', 'adamw'] as const).flatMap((name) => [
      name,
      ...Object.keys(optimizers[name]().config),
    ]),
  ];
  expect(wanted.filter((name) => !named.has(name))).toEqual([]);
});

describe('for a layer of your own, the page of ops has', () => {
  /** The names in the first column of the table below a heading. */
  const namesBelow = (heading: string) => {
    const [table] = page('docs/ops.md').text.split(`\n### ${heading}\n`)[1]!.split('\n#');
    const cells = [...table!.matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell!);
    return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)(?:\(\))?`/g)].map(([, name]) => name!)).sort();
  };

  test('each kind of option, and values on both sides of its bounds', () => {
    // The compiler asks for exactly the kinds that there are.
    const kinds: Record<Kind, { good: unknown[]; bad: unknown[] }> = {
      number: { good: [0, -1.5, 3.4e38, 1.18e-38], bad: [Number.NaN, 1e39, 1e-39, '1'] },
      positive: { good: [0.1], bad: [0, -1] },
      notNegative: { good: [0, 1], bad: [-0.1, Number.POSITIVE_INFINITY] },
      fraction: { good: [0, 1], bad: [1.1, -0.1] },
      decay: { good: [0, 0.99], bad: [1] },
      limit: { good: [0, Number.POSITIVE_INFINITY], bad: [-1] },
      integer: { good: [-3, 2 ** 53 - 1, 1 - 2 ** 53], bad: [0.5, 2 ** 53] },
      count: { good: [1], bad: [0, 1.5] },
      countFrom0: { good: [0], bad: [-1] },
      boolean: { good: [true, false], bad: [0] },
      text: { good: ['a'], bad: ['', 1] },
      list: { good: [[], new Uint8Array(1)], bad: ['a', {}] },
      record: { good: [{}], bad: [[], null] },
      object: { good: [{}, []], bad: [null, 1] },
      function: { good: [() => {}], bad: [{}] },
      signal: { good: [new AbortController().signal], bad: [new AbortController()] },
      any: { good: [undefined, null, {}], bad: [] },
    };
    expect(namesBelow('Kinds of options')).toEqual(Object.keys(kinds).sort());
    for (const [kind, { good, bad }] of Object.entries(kinds)) {
      for (const value of good) expect(() => check('a', 'b', value, kind as Kind), kind).not.toThrow();
      for (const value of bad) expect(() => check('a', 'b', value, kind as Kind), kind).toThrow(engine.ArgumentError);
    }
  });

  test('each field of a weight, and of the context', () => {
    // The compiler asks for exactly the fields that there are.
    const weight: Record<keyof WeightSpec, 0> = { name: 0, shape: 0, initializer: 0, trainable: 0, notNegative: 0 };
    const where: Record<'graph' | 'training' | 'trainable' | 'index', 0> = {
      graph: 0,
      training: 0,
      trainable: 0,
      index: 0,
    };
    const context: Record<keyof ApplyContext, 0> = { ...where, rows: 0, seed: 0, exampleSeed: 0, average: 0 };
    expect(namesBelow('Weights of a layer')).toEqual(Object.keys(weight).sort());
    expect(namesBelow('The context of apply')).toEqual(Object.keys(context).sort());
  });
});

test('the page for users of TensorFlow.js has every line that a test runs', () => {
  const { text } = page('docs/tensorflow.md');
  const rows = new Set(
    [...text.matchAll(/^\| `(.*?)` \|(?: `(.*?)` \|)?/gm)].map(([, line, here]) => `${line} ${here ?? ''}`),
  );
  const lines = LINES.map(({ tensorflow, here = '' }) => `${tensorflow} ${here}`);
  expect(lines.filter((line) => !rows.has(line))).toEqual([]);
  expect(rows.size).toBe(lines.length);
});

describe('shell blocks of README and docs', () => {
  const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
  const lines = pages.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => code.trim().split('\n'))
      .map((line) => [path, line.replace(/\s+#.*$/, '').trim()] as const),
  );
  const helps = new Map<string, string>();
  const helpOf = (script: string) => {
    if (!helps.has(script)) {
      const command = scripts[script]!.split(' ').slice(1);
      const { stdout } = spawnSync(process.execPath, [...command, '--help'], { cwd: root, encoding: 'utf8' });
      helps.set(script, stdout);
    }
    return helps.get(script)!;
  };

  test('call scripts of package.json with options that these have', { timeout: 120_000 }, () => {
    const wrong = lines.filter(([, line]) => {
      const [, script, given = ''] = /^(?:[A-Z_]+=\S+ )*npm (?:run )?([\w:]+)(?: -- (.*))?$/.exec(line) ?? [];
      if (!script || !(script in scripts)) return true;
      const options = given.match(/(?<=^|\s)--?[\w-]+/g) ?? [];
      return options.some((option) => !new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(helpOf(script)));
    });
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(20);
  });
});

test('an op has one shader, one TypeScript file and one test of its name', () => {
  // A further rung of a ladder has its op's name with a suffix, and is tested with it: conv2dRows is conv2d's.
  const names = (folder: string, ending: string) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => file.slice(0, -ending.length));
  const sources = names('src/ops', '.ts');
  const tests = names('test/ops', '.test.ts');
  for (const shader of names('shaders', '.wgsl')) {
    const owner = sources.findLast((name) => shader.startsWith(name) && tests.includes(name));
    expect(owner, `op and test of shaders/${shader}.wgsl`).toBeDefined();
  }
});
