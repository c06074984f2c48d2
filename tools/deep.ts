/**
 * `npm run test:deep`: random ops and networks against references and TensorFlow.js, thousands of them, and a training run of
 * 10,000 steps. Ends with the worst errors beside what is allowed, which it also writes as JSON into runs/.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Reporter, startVitest, type TestCase } from 'vitest/node';
import type { ReportData } from '../test/property/report.ts';
import { findOrInstallBrowser } from './browser.ts';
import { optionsOf } from './commandLine.ts';
import { joined, table } from './deepReport.ts';
import { errorsOutside } from './outcomes.ts';

const root = join(import.meta.dirname, '..');

const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it must be a whole number from 1.');
  return value;
};

const command = new Command('npm run test:deep --')
  .description('Random ops and networks against references and TensorFlow.js, and a long training run.')
  .option('--cases <number>', 'random cases, a tenth of them networks', whole, 5000)
  .option(
    '--seed <number>',
    'of the random cases; without it a new one',
    whole,
    1 + Math.floor(Math.random() * 2 ** 30),
  )
  .option('--path <path>', "repeats one failing case: fast-check's path, with the same seed and -t", '')
  .option('--steps <number>', 'steps of the long training run', whole, 10_000)
  .option('-t, --testNamePattern <pattern>', 'only tests whose name matches');
const { cases, seed, path, steps, testNamePattern } = optionsOf<{
  cases: number;
  seed: number;
  path: string;
  steps: number;
  testNamePattern?: string;
}>(command);

const file = join(root, 'runs', `deep-${seed}.json`);
mkdirSync(join(root, 'runs'), { recursive: true });

function write(report: ReportData): void {
  writeFileSync(file, `${JSON.stringify({ cases, seed, ...report }, null, 2)}\n`);
}

/** Prints a line for each test, and the failures at the end. */
class Progress implements Reporter {
  readonly #started = performance.now();
  readonly reports: ReportData[] = [];
  passed = 0;
  failed = 0;

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === 'skipped') return;
    const ok = state === 'passed';
    this[ok ? 'passed' : 'failed']++;
    const { report } = test.meta();
    if (report) this.reports.push(report);
    write(joined(this.reports)); // after each file, so that an interrupted run keeps its results
    const minutes = ((performance.now() - this.#started) / 60_000).toFixed(1);
    const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
    console.log(`${minutes.padStart(5)} min  ${ok ? 'ok    ' : 'FAILED'} ${test.name} (${seconds} s)`);
    for (const { message, cause } of errors ?? []) {
      console.log(`${message}\n${(cause as Error | undefined)?.message ?? ''}`);
    }
  }
}

/** Runs some of the files. */
async function run(progress: Progress, files: readonly string[]): Promise<void> {
  const vitest = await startVitest('test', [...files], {
    watch: false,
    project: ['deep'],
    reporters: [progress],
    maxWorkers: 2, // each with a device of its own
    fileParallelism: true, // which vite.config.ts rules out, and so maxWorkers
    ...(testNamePattern ? { testNamePattern } : {}),
  });
  progress.failed += vitest.state.getUnhandledErrors().length;
  for (const module of vitest.state.getTestModules()) {
    for (const { message } of errorsOutside(module)) {
      console.log(message);
      progress.failed++;
    }
  }
  await vitest.close();
}

await findOrInstallBrowser(); // its SwiftShader computes if there is no GPU
Object.assign(process.env, {
  NEURITE_DEEP: '1',
  NEURITE_CASES: String(cases),
  NEURITE_SEED: String(seed),
  NEURITE_PATH: path,
  NEURITE_STEPS: String(steps),
});
console.log(`seed ${seed}: npm run test:deep -- --cases ${cases} --seed ${seed} repeats this`);
const progress = new Progress();
await run(progress, ['test/property/ops.test.ts', 'test/property/longSums.test.ts', 'test/property/networks.test.ts']);
await run(progress, ['test/property/soak.test.ts']); // alone, because it measures times
const report = joined(progress.reports);
console.log(`\n${table(report)}\n\nwritten to ${relative(root, file)}`);
process.exitCode = progress.failed > 0 ? 1 : 0;
console.log(`${progress.passed} passed, ${progress.failed} failed`);
