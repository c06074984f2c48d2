import type { Check } from '../../src/selftest/check.ts';
import { expectClose } from './arrays.ts';
import { testDevice } from './device.ts';

/** Runs a check of the self-test on the shared device. */
export async function expectCheck(check: Check): Promise<void> {
  for (const { what, got, want, tolerance } of await check.prepare()(await testDevice())) {
    expectClose(what, got, want, tolerance);
  }
}
