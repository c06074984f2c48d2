/** Runs `npm run train` from options to run folder, in a browser or in Node. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findBrowser, launchBrowser } from '../browser.ts';
import { drawReport, METRICS_FILE, PICTURE_FILE, type TrainingRun, writeRun } from './folder.ts';
import { trainInBrowser } from './inBrowser.ts';
import { trainInNode } from './inNode.ts';
import { Printer } from './printer.ts';
import {
  DATA_PATH,
  RECOVERED_FILES,
  type TrainOptions,
  type TrainOutcome,
  type TrainRequest,
  type TrainResult,
  type Versions,
} from './protocol.ts';
import { servePage } from './server.ts';
import { interruptBySignals, RunError, withoutSignals } from './stops.ts';

const root = resolve(import.meta.dirname, '../..');
const recoveredFolder = join(root, '../shared/brain');

const versionOf = (packageFile: string): string => JSON.parse(readFileSync(join(root, packageFile), 'utf8')).version;

/** The results of a runtime, for the run folder. */
type Files = Map<string, Uint8Array>;

/**
 * Trains and tests a preset, prints what happens and writes the run folder.
 * @throws RunError, InterruptError
 */
export async function train(options: TrainOptions): Promise<void> {
  const started = new Date();
  const versions = { neurite: versionOf('package.json'), node: process.version };
  const printer = new Printer(options);
  printer.begin(versions.neurite);
  const interrupt = new AbortController();
  const hasRecovered = Object.values(RECOVERED_FILES).every((file) => existsSync(join(recoveredFolder, file)));
  const request = { ...options, hasRecovered };
  const inRuntime = options.runtime === 'node' ? runInNode : runInBrowser;
  try {
    const { run, files } = await inRuntime(request, interrupt, printer, (result, more) => {
      printer.results(result);
      return { options, result, started, versions: { ...versions, ...more } };
    });
    interrupt.signal.throwIfAborted();
    printer.saved(await writeRun(join(root, 'runs'), run, files), [METRICS_FILE, ...files.keys()]);
  } catch (error) {
    throw interrupt.signal.aborted ? interrupt.signal.reason : error; // what fails after a stop, fails because of it
  } finally {
    printer.end();
  }
}

type Finish = (result: TrainResult, versions: Partial<Versions>) => TrainingRun;

async function runInBrowser(request: TrainRequest, interrupt: AbortController, printer: Printer, finish: Finish) {
  const server = await servePage(request.data);
  const browser = await withoutSignals(() => launchBrowser({ log: console.error })).catch(async (error: Error) => {
    await server.close();
    throw new RunError(error.message);
  });
  interruptBySignals(interrupt);
  try {
    const outcome = await trainInBrowser(browser, server.url, request, printer, interrupt.signal);
    const result = resultOf(outcome, (text) =>
      text.replaceAll(new URL(DATA_PATH, server.url).href, join(request.data ?? '', '/')),
    );
    const run = finish(result, { browser: await browser.version() });
    const files: Files = new Map([...server.uploads, [PICTURE_FILE, await drawReport(browser, server.url, run)]]);
    return { run, files };
  } finally {
    await browser.close();
    await server.close();
  }
}

async function runInNode(request: TrainRequest, interrupt: AbortController, printer: Printer, finish: Finish) {
  interruptBySignals(interrupt);
  const files: Files = new Map();
  const outcome = await trainInNode(request, recoveredFolder, files, printer, interrupt.signal);
  const run = finish(resultOf(outcome), { webgpu: versionOf('node_modules/webgpu/package.json') });
  try {
    if (await findBrowser()) files.set(PICTURE_FILE, await pictureOf(run, interrupt));
    else printer.note(`note     no ${PICTURE_FILE}: no browser is installed to draw it`);
  } catch (error) {
    if (interrupt.signal.aborted) throw error;
    printer.note(`note     no ${PICTURE_FILE}: ${(error as Error).message.split('\n')[0]}`);
  }
  return { run, files };
}

/** Draws the picture in a browser that is launched for this only. */
async function pictureOf(run: TrainingRun, interrupt: AbortController): Promise<Uint8Array> {
  const server = await servePage(undefined);
  try {
    const browser = await withoutSignals(launchBrowser);
    try {
      interrupt.signal.throwIfAborted();
      return await drawReport(browser, server.url, run);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

/**
 * @param inWords turns a message into one that the user understands
 * @throws RunError for an error of the engine; for a bug, the page's own error
 */
function resultOf(outcome: TrainOutcome, inWords = (message: string) => message): TrainResult {
  if ('result' in outcome) return outcome.result;
  const { name, message, stack } = outcome.error;
  if (name) throw new RunError(inWords(`${name}: ${message}`));
  throw Object.assign(new Error(message), { stack });
}
