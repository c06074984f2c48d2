import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as ops from '../src/ops/index.ts';

const readme = readFileSync('README.md', 'utf8');

describe('README', () => {
  test('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('has every op in its table', () => {
    const named = new Set([...readme.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    // Gradient kernels and the helper of broadcasting are parts of ops that the table has.
    const parts = /Grad$|^sumTo$|WithArgmax$/;
    const missing = Object.entries(ops).flatMap(([name, value]) =>
      typeof value === 'function' && !named.has(name) && !parts.test(name) ? [name] : [],
    );
    expect(missing).toEqual([]);
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
