/** What to do about a self-test that did not succeed. */
import type { DeviceTest } from './protocol/index.ts';

/** @param report of a test that did not succeed */
export function adviceOn({ failed, errors }: Pick<DeviceTest['report'], 'failed' | 'errors'>): string {
  const report = 'The report below says what a bug report should.';
  if (failed > 0 || errors.length > 0) return `The engine is at fault here, or the GPU's driver. ${report}`;
  return `Nothing was computed wrong, but not all was tested: test again. If the device is lost each time, its driver may be at fault. ${report}`;
}
