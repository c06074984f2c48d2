import type { Command } from 'commander';

/** The options that a command was given. Ends the process for `--help`, and with exit code 2 for what it does not know. */
export function optionsOf<T extends object>(command: Command): T {
  command
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride(({ exitCode }) => process.exit(exitCode && 2))
    .parse();
  return command.opts();
}
