import { expect, test } from 'vitest';
import { formatReport, selfTest, succeeded } from '../../src/selftest/index.ts';
import { testDevice } from '../support/device.ts';

test('every kernel of every op is right on this device', { timeout: 600_000 }, async () => {
  const report = await selfTest(await testDevice());
  console.log(formatReport(report));
  expect(succeeded(report), formatReport(report)).toBe(true);
});
