/** The self-test in a worker of its own: its references in double precision hold up neither the page nor a run under way. */
import * as Comlink from 'comlink';
import { describeFailure, formatReport, selfTest, succeeded, summarize } from 'neurite/selftest';
import { requestAgain } from '../../gpu/device.ts';
import type { Tester } from '../protocol/index.ts';

const tester: Tester = {
  async run(onProgress) {
    const report = await selfTest(await requestAgain(), { onProgress }); // the page offers it where there is a GPU
    const failures = report.ops.flatMap(({ op, failures }) => failures.map((one) => `${op}: ${describeFailure(one)}`));
    return {
      report,
      failures,
      text: formatReport(report),
      succeeded: succeeded(report),
      summary: summarize(report),
    };
  },
};

Comlink.expose(tester);
