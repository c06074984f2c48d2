/**
 * Each kernel of each op, on the first of the self-test's cases that needs it: what a compiler refuses, or a device computes wrong,
 * shows here in a minute. All cases by all kernels, which take ten, are in all.test.ts.
 */
import { expect, test, vi } from 'vitest';
import { Session } from '../../src/index.ts';
import type { Plan } from '../../src/plan/types.ts';
import type { RunCheck } from '../../src/selftest/check.ts';
import { allChecks } from '../../src/selftest/specs/index.ts';
import { Variants } from '../../src/selftest/variants.ts';
import { shaderInterface } from '../../src/shader/shader.ts';
import { activatable } from '../support/activations.ts';
import { expectClose } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();

/** A case, by one of the kernels that can do it. */
interface Run {
  readonly title: string;
  readonly run: RunCheck;
  readonly kernel: string | undefined;
}

/** `shader.entryPoint` of each dispatch that a case plans first; nothing is compiled. */
async function planned(run: RunCheck, variants: Variants, kernel: string | undefined): Promise<string[]> {
  const stop = new Error('planned');
  let seen: Plan | undefined;
  const create = vi.spyOn(Session, 'create').mockImplementation(async (_, plan) => {
    seen = plan;
    throw stop;
  });
  try {
    await expect(run(device, variants.choose(kernel))).rejects.toBe(stop);
  } finally {
    create.mockRestore();
  }
  return seen!.dispatches.map(({ shader, entryPoint }) => `${shader.name}.${entryPoint}`);
}

const entryPoints = new Set<string>();
const runs: Run[] = [];
{
  const known = new Set<string>();
  for (const { op, title, needs, prepare } of allChecks()) {
    if (needs !== undefined && !device.gpu.features.has(needs)) continue;
    const run = prepare();
    const variants = new Variants();
    const consider = async (kernel?: string) => {
      const names = await planned(run, variants, kernel);
      if (names.every((name) => known.has(`${op} ${name}`))) return;
      for (const name of names) known.add(`${op} ${name}`);
      for (const name of names) entryPoints.add(name);
      runs.push({ title: `${op}${kernel === undefined ? '' : ` by ${kernel}`}: ${title}`, run, kernel });
    };
    await consider();
    for (const kernel of variants.others) await consider(kernel);
  }
}

test.each(runs)('$title', async ({ run, kernel }) => {
  for (const { what, got, want, tolerance } of await run(device, new Variants().choose(kernel))) {
    expectClose(what, got, want, tolerance);
  }
});

const files = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });
const shaders = new Map(Object.entries(files).map(([path, text]) => [/(\w+)\.wgsl$/.exec(path)![1]!, text]));

test('every entry point of every shader is among them', () => {
  const all = [...shaders].flatMap(([name, source]) =>
    [...shaderInterface({ name, source }).entryPoints].map((entry) => `${name}.${entry}`),
  );
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter((entry) => !entryPoints.has(entry))).toEqual([]);
});

test('so is every shader that takes an activation, with each of them', () => {
  const all = activatable(shaders).pairs.map(({ name }) => name);
  const seen = new Set([...entryPoints].map((name) => name.split('.')[0]));
  expect(all.length).toBe(35);
  expect(all.filter((name) => !seen.has(name))).toEqual([]);
});
