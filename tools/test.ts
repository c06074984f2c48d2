/**
 * `npm test [-- options and file filters]`, see --help: the static checks, then vitest in Node, in Chrome and in Firefox. Where there
 * is no Firefox and none can be installed, its tests are left out, and the line before the last one says so.
 * The last line says `N passed, N failed`; each check counts as one.
 */
import { startVitest } from 'vitest/node';
import { findOrInstallBrowser } from './browser.ts';
import { type Counts, runChecks } from './check.ts';
import { findOrInstallFirefox } from './firefox.ts';
import { Asked, outcomes } from './outcomes.ts';
import { parseTestOptions } from './testOptions.ts';

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
  const asked = new Asked();
  const settings = { watch: false, ...options, project: chosen.project };
  const vitest = await startVitest('test', filter, settings, { plugins: [asked.plugin] });
  if (vitest.shouldKeepServer()) return undefined;
  const { passed, failures, skipped } = outcomes(vitest, asked);
  for (const [reason, names] of skipped)
    console.log(`skipped, ${reason}:\n${names.map((name) => `  ${name}`).join('\n')}`);
  for (const line of failures) console.log(line); // last, which is what a cut off log should still show
  const none = vitest.state.getTestModules().length === 0;
  if (none) console.error('no test file matches');
  await vitest.close();
  if (chosen.leftOut) console.log(`skipped all tests in Firefox: ${chosen.leftOut}`);
  return { passed, failed: failures.length + (none ? 1 : 0) };
}

const given = parseTestOptions(process.argv.slice(2));
const checks = runChecks();
const tests = await runTests(given);
if (tests) {
  const failed = checks.failed + tests.failed;
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`${checks.passed + tests.passed} passed, ${failed} failed`);
}
