/** The command line of `npm test`: vitest's own, but for what vitest lets pass when it is not asked from its own command line. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import { parseCLI } from 'vitest/node';
import { PROJECTS } from '../test/projects.ts';
import { strict } from './commandLine.ts';

/** vitest's filters and options, and this command's own. */
export type TestOptions = ReturnType<typeof parseCLI> & { readonly all: boolean };

const NAMES = Object.keys(PROJECTS);
/** Every project runs whatever it can. */
const ALL = '--all';

/** Names of vitest's options, and those that need a value: as its help lists them. */
function vitestOptions(): { known: Set<string>; valued: Set<string> } {
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const { stdout } = spawnSync(process.execPath, [vitest, '--help'], { encoding: 'utf8' });
  const known = new Set<string>();
  const valued = new Set<string>();
  // "  -t, --testNamePattern <pattern>   …", "  --no-color   …"
  for (const [, short, name, value] of stdout.matchAll(/^ {2}(?:-(\w), )?--(?:no-)?([\w-]+)( <)?/gm)) {
    for (const one of [short, name]) if (one) known.add(one);
    if (value) valued.add(name!);
  }
  return { known, valued };
}

const command = strict(
  new Command('npm test --')
    .usage('[options] [files]')
    .description(
      'Format, lint and types, then the tests, each where it has found faults (test/projects.ts says which run where and why). ' +
        'Given names of files or parts of their paths: only these tests, each in the fastest project that has it.',
    )
    .option('--all', 'every test in every project that can run it, as npm run test:all: an hour')
    .option('--project <name>', `one of ${NAMES.join(', ')}; may be repeated; !name: all but this`)
    .option('-t, --testNamePattern <pattern>', 'only tests whose name matches')
    .option('--testTimeout <ms>', 'for a test; more than the default on a slow device')
    .option('--reporter <name>', 'how results are printed: default, verbose, dot, json, …')
    .option('-w, --watch', 'stay, and run again what a change touches')
    .helpOption('-h, --help', 'show this')
    .addHelpText(
      'after',
      `
All other options are vitest's: npx vitest --help lists them.
Exit code: 0 all is right, 1 something failed, 2 bad options.

Projects:
${Object.entries(PROJECTS)
  .map(([name, what]) => `  ${name.padEnd(9)}${what}`)
  .join('\n')}

Examples:
  npm test -- relu                                   one op, in seconds
  npm test -- --all relu                             the same in every project
  npm test -- --project node                         what needs no GPU
  npm test -- --project dawn test/ops/conv2d         all files whose path contains it, in Node on Dawn
  npm test -- --project browser -t 'wrong kernel'
`,
    ),
);

/** What to run. Ends the process for `--help` and `--version`, and with exit code 2 for options that vitest does not know. */
export function parseTestOptions(given: readonly string[]): TestOptions {
  const args = given.filter((arg) => arg !== ALL);
  const all = args.length < given.length;
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (own.includes('--help') || own.includes('-h')) command.help();
  const parsed = { ...parseCLI(['vitest', ...args]), all };
  if ('version' in parsed.options) process.exit(); // vitest's, which it has printed
  const options = Object.entries(parsed.options).filter(([name]) => name !== '--' && name !== 'color');
  if (options.length === 0) return parsed;
  const { known, valued } = vitestOptions();
  for (const [name, value] of options) {
    const flag = name.length > 1 ? `--${name}` : `-${name}`;
    if (!known.has(name)) command.error(`error: unknown option '${flag}'`);
    if (valued.has(name) && [value].flat().includes(true)) command.error(`error: option '${flag}' needs a value`);
  }
  // Patterns (dawn*) are left to vitest.
  const bogus = [parsed.options.project ?? []].flat().find((name) => /^!?\w+$/.test(name) && !isProject(name));
  if (bogus !== undefined) command.error(`error: there is no project ${bogus}; there are ${NAMES.join(', ')}`);
  return parsed;
}

function isProject(name: string): boolean {
  return NAMES.includes(name.replace('!', ''));
}
