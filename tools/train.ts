/**
 * `npm run train`: trains a preset, in a headless browser or in Node, tests it and leaves a run folder.
 * `npm run train -- --help` lists the options.
 */
import { resolve } from 'node:path';
import { importWithEngine } from './node/importWithEngine.ts';
import { HelpRequest, parseOptions, UsageError } from './train/options.ts';
import { train } from './train/run.ts';
import { InterruptError, RunError } from './train/stops.ts';

async function presetNames(): Promise<string[]> {
  const file = resolve(import.meta.dirname, '../src/brain/presets.ts');
  const { presets } = await importWithEngine<{ presets: object }>(file);
  return Object.keys(presets);
}

async function main(): Promise<number> {
  try {
    // npm runs scripts in the package's folder; paths mean the folder that the user is in.
    const options = parseOptions(process.argv.slice(2), await presetNames(), process.env.INIT_CWD ?? process.cwd());
    await train(options);
    return 0;
  } catch (error) {
    if (error instanceof HelpRequest) {
      console.log(error.message.trimEnd());
      return 0;
    }
    if (error instanceof InterruptError) {
      console.error(error.message);
      return error.exitCode;
    }
    if (error instanceof UsageError || error instanceof RunError) console.error(`error: ${error.message}`);
    else console.error(error); // a bug: where it happened matters
    if (!(error instanceof UsageError)) return 1;
    if (error.usage) console.error(`\n${error.usage}`);
    return 2;
  }
}

process.exitCode = await main();
