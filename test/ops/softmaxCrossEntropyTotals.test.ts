import { test } from 'vitest';
import { softmaxCrossEntropyTotalsChecks } from '../../src/selftest/specs/softmaxCrossEntropyTotals.ts';
import { expectCheck } from '../support/check.ts';

for (const check of softmaxCrossEntropyTotalsChecks) test(`${check.op}: ${check.title}`, () => expectCheck(check));
