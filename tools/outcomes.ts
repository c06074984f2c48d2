/** Reads the outcome of a vitest run, for `npm test` and `npm run test:deep`. */
import { relative } from 'node:path';
import type { Reporter, TestModule, TestSpecification, Vitest } from 'vitest/node';

/** The errors of a file outside of its tests: in its own code, or in a hook. */
export function errorsOutside(module: TestModule) {
  return [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
}

/** Records the files that vitest is about to run, for `outcomes`, because vitest does not name the files that it loses. */
export class Asked {
  readonly files: TestSpecification[] = [];
  readonly reporter: Reporter = { onTestRunStart: (files) => void this.files.push(...files) };
}

/** The outcome of a finished run. */
export interface Outcomes {
  readonly passed: number;
  /**
   * The first line of each failure. A failure outside of tests (in a file, in a hook or elsewhere) counts as one, and
   * so does a file that did not end.
   */
  readonly failures: readonly string[];
  /** Names of tests by the reason why they were skipped. */
  readonly skipped: ReadonlyMap<string, readonly string[]>;
}

/** @param asked the files that were to be run */
export function outcomes(vitest: Vitest, { files }: Asked): Outcomes {
  let passed = 0;
  const skipped = new Map<string, string[]>();
  const failures: string[] = [];
  for (const module of vitest.state.getTestModules()) {
    const where = `${module.project.name} ${module.relativeModuleId}`;
    const before = failures.length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = `${where} > ${test.fullName}`;
      if (result.state === 'passed') passed += 1;
      if (result.state === 'failed') failures.push(`failed ${name}: ${firstLines(result.errors[0])}`);
      if (result.state === 'skipped' && module.ok()) {
        const reason = result.note ?? 'no reason given';
        skipped.set(reason, [...(skipped.get(reason) ?? []), name]);
      }
    }
    failures.push(...errorsOutside(module).map((error) => `failed ${where}: ${firstLines(error)}`));
    if (failures.length === before && !module.ok()) failures.push(`failed ${where}`);
    if (['queued', 'pending'].includes(module.state())) failures.push(`failed ${where}: it did not come to its end`);
  }
  // With --shard, vitest decides which part of the files it runs.
  const lost = vitest.config.shard ? [] : files.filter(({ testModule }) => !testModule);
  for (const { project, moduleId } of lost) {
    failures.push(`failed ${project.name} ${relative(project.config.root, moduleId)}: it was not run`);
  }
  for (const error of vitest.state.getUnhandledErrors())
    failures.push(`failed outside of all tests: ${firstLines(error)}`);
  return { passed, failures, skipped };
}

/** The first line of a failure. Vitest has printed the whole of it before. */
function firstLines(error: unknown): string {
  const { message = String(error) } = (error ?? {}) as { message?: string };
  return message.split('\n').slice(0, 5).join('\n  ');
}
