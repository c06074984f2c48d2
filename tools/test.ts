/**
 * `npm test [-- options and file filters]`, see --help: the static checks, then vitest in Node, in Chrome and in Firefox. Where there
 * is no Firefox and none can be installed, its tests are left out, and a line at the end says so. With filters, the tests that
 * they name alone, each where it is fastest.
 * `--all` also tries the package in projects of its users (consumers.ts).
 * A table at the end says what ran where; the last line says `N passed, N failed`; each check counts as one.
 */
import { startVitest } from 'vitest/node';
import { findOrInstallBrowser } from './browser.ts';
import { type Counts, runChecks } from './check.ts';
import { findOrInstallFirefox } from './firefox.ts';
import { Asked, outcomes } from './outcomes.ts';
import { chooseFiles } from './testFiles.ts';
import { parseTestOptions, type TestOptions } from './testOptions.ts';
import { TestTable } from './testTable.ts';

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
async function runTests({ filter, options }: Pick<TestOptions, 'filter' | 'options'>): Promise<Counts | undefined> {
  let chosen: Awaited<ReturnType<typeof projects>>;
  try {
    await findOrInstallBrowser(); // before vitest, which gives up on a browser that takes a minute to appear
    chosen = await projects(options.project);
  } catch (error) {
    console.error((error as Error).message);
    return { passed: 0, failed: 1 };
  }
  const asked = new Asked();
  const table = new TestTable();
  // Not by plugins: where there are projects, vitest asks the projects' alone.
  const { reporter = 'default', ...others } = options as typeof options & { reporter?: string | string[] };
  const reporters = [...[reporter].flat(), asked.reporter, table.reporter];
  const vitest = await startVitest('test', filter, { watch: false, ...others, project: chosen.project, reporters });
  if (vitest.shouldKeepServer()) return undefined;
  const { passed, failures, skipped } = outcomes(vitest, asked);
  for (const [reason, names] of skipped)
    console.log(`skipped, ${reason}:\n${names.map((name) => `  ${name}`).join('\n')}`);
  for (const line of failures) console.log(line); // last, which is what a cut off log should still show
  const none = vitest.state.getTestModules().length === 0;
  if (none) console.error('no test file matches');
  await vitest.close();
  if (chosen.leftOut) console.log(`skipped all tests in Firefox: ${chosen.leftOut}`);
  if (!none) console.log(`\n${table}\n`);
  return { passed, failed: failures.length + (none ? 1 : 0) };
}

/** The tests that filters name, where they are fastest, at once: without the static checks. */
async function runNamed(given: TestOptions): Promise<Counts | undefined> {
  const { projects, files, beside } = await chooseFiles(given.filter);
  if (files.length === 0) return runTests(given); // which says so
  console.log(
    `${files.length === 1 ? files[0] : `${files.length} files`} in ${projects.join(' and ')}, where it is quickest.`,
  );
  if (beside.length > 0) console.log(`Not run, as they have longer names: ${beside.join(', ')}`);
  console.log('Elsewhere: --project NAME or --all. The static checks: npm run check.');
  return runTests({ filter: [...files], options: { ...given.options, project: [...projects] } });
}

const given = parseTestOptions(process.argv.slice(2));
const named = given.filter.length > 0 && !given.all && given.options.project === undefined;
// Which vite.config.ts reads. What is named runs, even where `npm test` would leave it out.
if (given.all || given.filter.length > 0) process.env.NEURITE_ALL = '1';
const checks = named ? { passed: 0, failed: 0 } : runChecks();
const tests = named ? await runNamed(given) : await runTests(given);
if (tests) {
  const whole = given.all && given.filter.length === 0 && given.options.project === undefined;
  const consumers = whole ? await (await import('./consumers.ts')).tryConsumers() : { passed: 0, failed: 0 };
  const failed = checks.failed + tests.failed + consumers.failed;
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`${checks.passed + tests.passed + consumers.passed} passed, ${failed} failed`);
}
