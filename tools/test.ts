/**
 * `npm test [-- options and file filters]`, see --help: the static checks, then vitest in Node, in Chrome and in Firefox. Where there
 * is no Firefox and none can be installed, its tests are left out, and the line before the last one says so.
 * The last line says `N passed, N failed`; each check counts as one.
 */
import { startVitest, type Vitest } from 'vitest/node';
import { findOrInstallBrowser } from './browser.ts';
import { type Counts, runChecks } from './check.ts';
import { findOrInstallFirefox } from './firefox.ts';
import { errorsOutside } from './outcomes.ts';
import { parseTestOptions } from './testOptions.ts';

/**
 * Tests by outcome; prints what was skipped, by reason, and last what failed, which is what a cut off log should still show.
 * What fails outside of tests, in a file, a hook or anywhere, counts as one failure each.
 */
function count(vitest: Vitest): Counts {
  const stray = vitest.state.getUnhandledErrors().map((error) => `failed outside of all tests: ${firstLines(error)}`);
  let passed = 0;
  const skipped = new Map<string, string[]>();
  const failed: string[] = [];
  for (const module of vitest.state.getTestModules()) {
    const where = `${module.project.name} ${module.relativeModuleId}`;
    const before = failed.length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = `${where} > ${test.fullName}`;
      if (result.state === 'passed') passed += 1;
      if (result.state === 'failed') failed.push(`failed ${name}: ${firstLines(result.errors[0])}`);
      if (result.state === 'skipped' && module.ok()) {
        const reason = result.note ?? 'no reason given';
        skipped.set(reason, [...(skipped.get(reason) ?? []), name]);
      }
    }
    failed.push(...errorsOutside(module).map((error) => `failed ${where}: ${firstLines(error)}`));
    if (failed.length === before && !module.ok()) failed.push(`failed ${where}`);
  }
  for (const [reason, names] of skipped)
    console.log(`skipped, ${reason}:\n${names.map((name) => `  ${name}`).join('\n')}`);
  for (const line of [...failed, ...stray]) console.log(line);
  return { passed, failed: failed.length + stray.length };
}

/** How a failure begins: all of it stands above, in vitest's own report. */
function firstLines(error: unknown): string {
  const { message = String(error) } = (error ?? {}) as { message?: string };
  return message.split('\n').slice(0, 5).join('\n  ');
}

/**
 * The projects to run: without Firefox's where there is no Firefox, unless it was asked for by name.
 * @param named by the user
 * @returns also why it is left out
 */
async function projects(named: string | string[] = []): Promise<{ project: string[]; leftOut?: string }> {
  const project = [named].flat();
  const asked = project.some((name) => name.startsWith('firefox'));
  if (!asked && project.some((name) => !name.startsWith('!') || name.startsWith('!firefox'))) return { project };
  try {
    await findOrInstallFirefox();
    return { project };
  } catch (error) {
    if (asked) throw error;
    return { project: [...project, '!firefox'], leftOut: (error as Error).message };
  }
}

/** Runs vitest to its end; in watch mode there is none, and nothing to count. */
async function runTests({ filter, options }: ReturnType<typeof parseTestOptions>): Promise<Counts | undefined> {
  let chosen: Awaited<ReturnType<typeof projects>>;
  try {
    await findOrInstallBrowser(); // before vitest, which gives up on a browser that takes a minute to appear
    chosen = await projects(options.project);
  } catch (error) {
    console.error((error as Error).message);
    return { passed: 0, failed: 1 };
  }
  const vitest = await startVitest('test', filter, { watch: false, ...options, project: chosen.project });
  if (vitest.shouldKeepServer()) return undefined;
  const counts = count(vitest);
  if (vitest.state.getTestModules().length === 0) {
    console.error('no test file matches');
    counts.failed += 1;
  }
  await vitest.close();
  if (chosen.leftOut) console.log(`skipped all tests in Firefox: ${chosen.leftOut}`);
  return counts;
}

const given = parseTestOptions(process.argv.slice(2));
const checks = runChecks();
const tests = await runTests(given);
if (tests) {
  const failed = checks.failed + tests.failed;
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`${checks.passed + tests.passed} passed, ${failed} failed`);
}
