/** The self-test of the visitor's device, which runs in a worker of its own. */
import type { SelfTestProgress, SelfTestReport } from 'neurite/selftest';

export type { SelfTestProgress };

/** What the self-test found on this device. */
export interface DeviceTest {
  report: SelfTestReport;
  /** All was run, and all was right. */
  succeeded: boolean;
  /** A sentence, without a capital at its beginning. */
  summary: string;
  /** A line for each failure that the report has in full. */
  failures: string[];
  /** The report as Markdown. */
  text: string;
}

/** The calls of a second worker, which lives as long as one self-test and has a device of its own. */
export interface Tester {
  /** Rejects where there is no device. */
  run(onProgress: (progress: SelfTestProgress) => void): Promise<DeviceTest>;
}
