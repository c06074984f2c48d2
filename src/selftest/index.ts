/**
 * `neurite/selftest`: does the engine compute what it should on this device?
 * @module neurite/selftest
 */
export {
  describe as describeFailure,
  type Failure,
  formatReport,
  type OpReport,
  type SelfTestReport,
  succeeded,
  summarize,
} from './report.ts';
export { type SelfTestOptions, type SelfTestProgress, selfTest } from './selfTest.ts';
