/** The command line of `npm test`: vitest's own, but for what vitest lets pass when it is not asked from its own command line. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import { parseCLI } from 'vitest/node';
import { strict } from './commandLine.ts';

const PROJECTS = ['node', 'dawn', 'browser', 'firefox'];

type Parsed = ReturnType<typeof parseCLI>;

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
      'Format, lint and types, then the tests: all, or those of the files whose path contains one of the given texts.',
    )
    .option('--project <name>', `one of ${PROJECTS.join(', ')}; may be repeated; !name: all but this`)
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

Examples:
  npm test -- --project node                         what needs no GPU
  npm test -- --project dawn test/ops/conv2d         two files, in Node on Dawn
  npm test -- --project browser -t 'wrong kernel'
`,
    ),
);

/** What to run. Ends the process for `--help` and `--version`, and with exit code 2 for options that vitest does not know. */
export function parseTestOptions(args: readonly string[]): Parsed {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (own.includes('--help') || own.includes('-h')) command.help();
  const parsed = parseCLI(['vitest', ...args]);
  if ('version' in parsed.options) process.exit(); // vitest's, which it has printed
  const given = Object.entries(parsed.options).filter(([name]) => name !== '--' && name !== 'color');
  if (given.length === 0) return parsed;
  const { known, valued } = vitestOptions();
  for (const [name, value] of given) {
    const flag = name.length > 1 ? `--${name}` : `-${name}`;
    if (!known.has(name)) command.error(`error: unknown option '${flag}'`);
    if (valued.has(name) && [value].flat().includes(true)) command.error(`error: option '${flag}' needs a value`);
  }
  // Patterns (dawn*) are left to vitest.
  const bogus = [parsed.options.project ?? []].flat().find((name) => /^!?\w+$/.test(name) && !isProject(name));
  if (bogus !== undefined) command.error(`error: there is no project ${bogus}; there are ${PROJECTS.join(', ')}`);
  return parsed;
}

function isProject(name: string): boolean {
  return PROJECTS.includes(name.replace('!', ''));
}
