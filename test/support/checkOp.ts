/**
 * One table of cases serves four modes: the kernel against its float64 reference, forward and backward; the reference
 * against finite differences; the reference against TensorFlow.js.
 */
import { describe, test } from 'vitest';
import { opChecks } from '../../src/selftest/check.ts';
import { caseStream, caseTitle, drawCase, type OpSpec } from '../../src/selftest/spec.ts';
import { type Array64, expectClose, size, type Tolerance } from './arrays.ts';
import { expectCheck } from './check.ts';
import { ORACLE, oracleResults } from './oracle.ts';
import { oracleOf } from './oracles.ts';
import { tensorflow } from './tensorflow.ts';

/** Elements of each input at which finite differences are taken. */
const PROBES = 24;
/** Step of the central differences: their error is about step^2 plus 1e-16 / step. */
const STEP = 1e-5;
const FINITE_DIFFERENCE: Tolerance = { error: 1e-6, why: 'central differences with step 1e-5 in double precision' };

/** Registers the tests of one op. */
export function checkOp<P>(spec: OpSpec<P>): void {
  const tested = oracleOf(spec);
  const checks = opChecks(spec);
  describe(spec.name, () => {
    spec.cases.forEach((opCase, index) => {
      const random = caseStream(index);
      const drawn = drawCase(spec, opCase, random);
      const { inputs, y, dy, dxs } = drawn;
      const { params } = opCase;
      const title = caseTitle(opCase);

      test(`kernel: ${title}`, async () => {
        await expectCheck(checks[index]!);
      });

      if (dxs) {
        test(`finite differences: ${title}`, () => {
          dxs.forEach((dx, i) => {
            if (dx) checkFiniteDifferences(spec, params, inputs, i, dy, dx, random);
          });
        });
      }

      if (tested.oracle) {
        test(`TensorFlow.js: ${title}`, async (context) => {
          const found = oracleResults(await tensorflow(), spec, tested, params, drawn);
          if (!found) return context.skip('TensorFlow.js cannot do this case');
          expectClose('reference y', y.data, found.y, ORACLE);
          found.dxs.forEach((dx, i) => {
            if (dx) expectClose(`reference gradient of input ${i}`, dxs![i]!.data, dx, ORACLE);
          });
        });
      }
    });
  });
}

function checkFiniteDifferences<P>(
  spec: OpSpec<P>,
  params: P,
  inputs: readonly Array64[],
  which: number,
  dy: Array64,
  dx: Array64,
  random: () => number,
): void {
  const x = inputs[which]!;
  const count = size(x.shape);
  const objective = (at: number, value: number) => {
    const moved = { shape: x.shape, data: x.data.slice() };
    moved.data[at] = value;
    const y = spec.forward(
      inputs.map((input, i) => (i === which ? moved : input)),
      params,
    );
    return y.data.reduce((sum, v, i) => sum + v * dy.data[i]!, 0);
  };
  for (let probe = 0; probe < Math.min(PROBES, count); probe++) {
    const at = count <= PROBES ? probe : Math.floor(count * random());
    const value = x.data[at]!;
    const slope = (objective(at, value + STEP) - objective(at, value - STEP)) / (2 * STEP);
    expectClose(
      `d/d input ${which}, element ${at}`,
      [dx.data[at]!],
      { shape: [1], data: Float64Array.of(slope) },
      FINITE_DIFFERENCE,
    );
  }
}
