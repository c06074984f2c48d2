import type { Command } from 'commander';

/** Ends the process after `--help`; after a wrong option, with the error, the usage and exit code 2. */
export function strict(command: Command): Command {
  return command.showHelpAfterError().exitOverride(({ exitCode }) => process.exit(exitCode && 2));
}

/** Parses the options of a command. Unknown options and arguments end the process. */
export function optionsOf<T extends object>(command: Command): T {
  return strict(command).allowExcessArguments(false).parse().opts();
}
