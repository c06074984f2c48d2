import type { Command } from 'commander';

/** Ends the process for `--help`, and with exit code 2, the error and the usage for what the command does not take. */
export function strict(command: Command): Command {
  return command.showHelpAfterError().exitOverride(({ exitCode }) => process.exit(exitCode && 2));
}

/** The options that a command was given; others and arguments end the process. */
export function optionsOf<T extends object>(command: Command): T {
  return strict(command).allowExcessArguments(false).parse().opts();
}
