/** The static checks. `npm run check` runs them alone, `npm test` runs them first. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { optionsOf } from './commandLine.ts';

const colors = `--colors=${process.stdout.isTTY ? 'force' : 'off'}`;
const CHECKS = [
  { name: 'format and lint', command: ['node_modules/@biomejs/biome/bin/biome', 'ci', colors, '.'] },
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '--project', '.'] },
  { name: 'package: publint, Are the types wrong?', command: ['--import', 'tsx', 'tools/packageFaults.ts'] },
];

export interface Counts {
  passed: number;
  failed: number;
}

/** Runs each check, printing the output of those that fail. */
export function runChecks(): Counts {
  const counts = { passed: 0, failed: 0 };
  for (const { name, command } of CHECKS) {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    const ok = status === 0;
    counts[ok ? 'passed' : 'failed'] += 1;
    if (!ok) process.stdout.write(`${stdout}${stderr}`);
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
  return counts;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  optionsOf(
    new Command('npm run check --').description(
      'Checks format, lint, types and the package; npm run format mends the first.',
    ),
  );
  process.exitCode = runChecks().failed > 0 ? 1 : 0;
}
