import { test } from 'vitest';
import { longSumChecks } from '../../src/selftest/specs/longSums.ts';
import { expectCheck } from '../support/check.ts';

test.each(longSumChecks)('$op: $title', { timeout: 120_000 }, expectCheck);
