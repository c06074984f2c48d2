/** What `npm test` and `npm run test:deep` read off vitest alike. */
import { relative } from 'node:path';
import type { Reporter, TestModule, TestSpecification, Vitest } from 'vitest/node';

/** What failed in a file outside of its tests: in its own code, or in a hook. */
export function errorsOutside(module: TestModule) {
  return [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
}

/** Hears which files vitest is about to run, for `outcomes`: those that it loses it does not name. */
export class Asked {
  readonly files: TestSpecification[] = [];
  readonly reporter: Reporter = { onTestRunStart: (files) => void this.files.push(...files) };
}

/** Of a run that is over. */
export interface Outcomes {
  readonly passed: number;
  /** What each failure says first. What fails outside of tests counts as one each, in a file, a hook or anywhere; so does a file without an end. */
  readonly failures: readonly string[];
  /** Names of tests by the reason why they were skipped. */
  readonly skipped: ReadonlyMap<string, readonly string[]>;
}

/** @param asked what was to be run */
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
  // Of a part of the files (--shard), it is vitest that decides.
  const lost = vitest.config.shard ? [] : files.filter(({ testModule }) => !testModule);
  for (const { project, moduleId } of lost) {
    failures.push(`failed ${project.name} ${relative(project.config.root, moduleId)}: it was not run`);
  }
  for (const error of vitest.state.getUnhandledErrors())
    failures.push(`failed outside of all tests: ${firstLines(error)}`);
  return { passed, failures, skipped };
}

/** How a failure begins: all of it stands above, in vitest's own report. */
function firstLines(error: unknown): string {
  const { message = String(error) } = (error ?? {}) as { message?: string };
  return message.split('\n').slice(0, 5).join('\n  ');
}
