/** Random shapes and parameters for every op, forward and backward, by any of its kernels. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference, randomArray, randomStream, type Tolerance } from '../../src/selftest/arrays.ts';
import { runCase } from '../../src/selftest/onDevice.ts';
import { type DrawnCase, drawCase, type OpCase, type OpSpec } from '../../src/selftest/spec.ts';
import { conv2dMaxPoolSpec } from '../../src/selftest/specs/conv2dMaxPool.ts';
import { conv2dEpilogueSpec, matmulEpilogueSpec } from '../../src/selftest/specs/epilogue.ts';
import { activationSpecs, opSpecs, updateSpecs } from '../../src/selftest/specs/index.ts';
import { ruleResult, runUpdates, updateData } from '../../src/selftest/update.ts';
import { testDevice } from '../support/device.ts';
import { oracleResults } from '../support/oracle.ts';
import { oracleOf } from '../support/oracles.ts';
import { tensorflow } from '../support/tensorflow.ts';
import { opCases } from './cases.ts';
import { Choices } from './choices.ts';
import { drawOf } from './draws.ts';
import { kernelsBy } from './kernels.ts';
import type { RandomOpCase } from './opCase.ts';
import { opCount, parameters } from './options.ts';
import { report } from './report.ts';
import { anyShape } from './shapes.ts';
import { oracleTolerance, toleranceOf } from './tolerances.ts';

const numbers = fc.array(fc.nat(9999), { minLength: 40, maxLength: 40 });
const ingredients = fc.record({
  numbers,
  seed: fc.nat(0x7fffffff),
  kernels: fc.nat(0x7fffffff),
});

/** Ops of which a rounding may decide what the gradient is. */
const COARSE: readonly unknown[] = [conv2dMaxPoolSpec, conv2dEpilogueSpec, matmulEpilogueSpec];

/** Sixteenths: their sums are exact, so that it is not rounding that decides which element of a window is the largest, or on which side of 0 a sum is. */
function coarse(spec: OpSpec<unknown>): OpSpec<unknown> {
  if (!COARSE.includes(spec)) return spec;
  const draw = (shape: readonly number[], random: () => number) => {
    const x = randomArray(shape, random);
    return { shape, data: x.data.map((v) => Math.round(16 * v) / 16) };
  };
  return { ...spec, inputs: (shapes, random) => shapes.map((shape) => draw(shape, random)) };
}

async function check(spec: OpSpec<unknown>, c: RandomOpCase): Promise<void> {
  const opCase: OpCase<unknown> = { ...c, why: 'random' };
  const drawn = drawCase(coarse(spec), opCase, randomStream(c.seed));
  try {
    const choose = kernelsBy(c.kernels, (node, kernel) => report.count(`kernel ${node.op.name} ${kernel}`));
    const [run] = await runCase(await testDevice(), spec, opCase, [drawn], choose);
    const { forward, backward = forward } = toleranceOf(spec);
    compare(spec.name, run!.y, drawn.y.data, forward, 'y');
    drawn.dxs?.forEach((dx, i) => {
      if (dx) compare(`${spec.name}, gradients`, run!.dxs[i]!, dx.data, backward, `gradient of input ${i}`);
    });
    await compareWithTensorFlow(spec, opCase.params, drawn);
  } catch (error) {
    (error as Error).message += `\n${asCode(c)}`;
    throw error;
  }
}

async function compareWithTensorFlow(spec: OpSpec<unknown>, params: unknown, drawn: DrawnCase): Promise<void> {
  const oracle = oracleOf(spec);
  const found = oracleResults(await tensorflow(), spec, oracle, params, drawn);
  if (!found) {
    report.count(`ops without TensorFlow.js: ${spec.name}`);
    return;
  }
  const name = `TensorFlow.js: ${spec.name}`;
  const tolerance = oracleTolerance(spec);
  compare(name, drawn.y.data, found.y.data, tolerance, 'reference y');
  found.dxs.forEach((dx, i) => {
    if (dx) compare(`${name}, gradients`, drawn.dxs![i]!.data, dx.data, tolerance, `reference gradient ${i}`);
  });
  if (drawn.dxs && !found.dxs.some(Boolean)) report.count(`ops without TensorFlow.js: gradients of ${spec.name}`);
}

function compare(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { error: allowed, why }: Tolerance,
  what: string,
): void {
  const { wrong, error, at } = difference(got, want, allowed);
  if (wrong > 0 || got.length !== want.length) {
    throw new Error(
      `${name}: ${what} has ${wrong} of ${want.length} elements off by more than ${allowed} (${why}); ` +
        `the worst, ${at}, is ${got[at]} for ${want[at]}`,
    );
  }
  report.error(name, error, allowed, why);
}

function asCode(c: RandomOpCase): string {
  return JSON.stringify(c);
}

const specs = [...opSpecs, ...activationSpecs];

test('every op with a reference has random cases', () => {
  expect(specs.filter((spec) => !drawOf(spec)).map(({ name }) => name)).toEqual([]);
  const kept = Object.keys(opCases);
  expect(kept.filter((name) => !specs.some((spec) => spec.name === name))).toEqual([]);
});

describe('random cases agree with the reference, which agrees with TensorFlow.js', () => {
  // Most of what there is to go wrong is in what has several kernels.
  const shares = specs.map((spec) => (/^(conv|matmul)/.test(spec.name) ? 3 : 1));
  const all = shares.reduce((a, b) => a + b, 0);
  test.for(specs.map((spec, i) => ({ name: spec.name, spec, share: shares[i]! / all, index: i })))(
    '$name',
    { timeout: 3_600_000 },
    async ({ spec, share, index }, { task }) => {
      const draw = drawOf(spec)!;
      const cases = Math.max(1, Math.round(share * opCount));
      const drawn = ingredients.map(
        ({ numbers: list, seed, kernels }): RandomOpCase => ({ ...draw(new Choices(list)), seed, kernels }),
      );
      const examples = (opCases[spec.name] ?? []).map((c): [RandomOpCase] => [c]);
      await fc.assert(
        fc.asyncProperty(drawn, (c) => check(spec, c)),
        { ...parameters(cases, index), examples },
      );
      task.meta.report = report.take();
    },
  );
});

describe('optimizer updates of random shapes agree with their rules', () => {
  test.for(updateSpecs.map((spec, index) => ({ name: spec.name, spec, index })))(
    '$name',
    { timeout: 3_600_000 },
    async ({ spec, index }, { task }) => {
      const cases = Math.max(1, Math.round(opCount / 150));
      await fc.assert(
        fc.asyncProperty(numbers, async (list) => {
          const data = updateData(anyShape(new Choices(list), 1000));
          const run = await runUpdates(await testDevice(), data, spec);
          const want = ruleResult(data, spec.slots.length, spec.rule);
          compare(spec.name, run.w, want.w.data, spec.tolerance, `w of ${data.start.shape}`);
          run.slots.forEach((slot, k) => {
            compare(spec.name, slot, want.slots[k]!.data, spec.tolerance, `slot ${k} of ${data.start.shape}`);
          });
        }),
        parameters(cases, index),
      );
      task.meta.report = report.take();
    },
  );
});
