/** Sums of random length, up to ten million terms of one sign. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equal, growing, LONG_SUMS, random } from '../../src/selftest/longSums.ts';
import { expectCheck } from '../support/check.ts';
import { opCount, parameters } from './options.ts';

/** Of a tensor; the gradient of a bias has several for each term. */
const MOST_ELEMENTS = 10_000_000;
/** Three to four million random terms are drawn in a second, and equal ones need no drawing. */
const MOST_RANDOM = 1_000_000;

const cases = fc.record({
  kind: fc.constantFrom(...Object.keys(LONG_SUMS)),
  /** Lengths of each order of magnitude are as likely. */
  magnitude: fc.double({ min: 0, max: 1, noNaN: true }),
  terms: fc.oneof(
    fc.double({ min: 0.01, max: 10, noNaN: true }).map((value) => equal(Math.fround(value))),
    fc.constantFrom(growing, random),
  ),
});

test('long sums of one sign are right to 1e-6', { timeout: 3_600_000 }, async () => {
  let longest = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ kind, magnitude, terms }) => {
      const most = (terms === random ? MOST_RANDOM : MOST_ELEMENTS) / 4;
      const n = Math.round(9 * (most / 9) ** magnitude);
      longest = Math.max(longest, n);
      await expectCheck(LONG_SUMS[kind]!(n, terms));
    }),
    parameters(Math.max(10, Math.round(opCount / 10))),
  );
  expect(longest).toBeGreaterThan(100_000);
});
