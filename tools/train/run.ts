import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { launchBrowser } from '../browser.ts';
import { drawReport, writeRun } from './folder.ts';
import { Printer } from './printer.ts';
import {
  RECOVERED_FILES,
  type TrainEvent,
  type TrainOptions,
  type TrainOutcome,
  type TrainRequest,
  type TrainResult,
} from './protocol.ts';
import { servePage } from './server.ts';

const root = resolve(import.meta.dirname, '../..');

/** How long a page may take to stop before its browser is closed all the same. */
const GRACE_MS = 3000;

/** The run failed for a reason that its one-line message tells. */
export class RunError extends Error {}

/** The user, or the system, told the run to stop. */
export class InterruptError extends Error {
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super('stopped: nothing was saved');
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

/**
 * Trains and tests a preset in a browser, prints what happens and writes the run folder.
 * @throws RunError, InterruptError
 */
export async function train(options: TrainOptions): Promise<void> {
  const started = new Date();
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const printer = new Printer(options);
  printer.begin(version);
  const server = await servePage(options.data);
  const interrupt = new AbortController();
  let browser: Browser | undefined;
  try {
    browser = await launch(interrupt);
    const result = await runInPage(browser, server.url, options, printer, interrupt.signal);
    printer.results(result);
    const versions = { neurite: version, node: process.version, browser: await browser.version() };
    const run = { options, result, started, versions };
    const picture = await drawReport(browser, server.url, run);
    interrupt.signal.throwIfAborted();
    printer.saved(await writeRun(join(root, 'runs'), run, picture, server.uploads));
  } catch (error) {
    throw interrupt.signal.aborted ? interrupt.signal.reason : error; // what fails after a stop, fails because of it
  } finally {
    printer.end();
    await browser?.close();
    await server.close();
  }
}

/** A browser; from here on, Ctrl-C and its like abort `interrupt`, and a second one ends the process at once. */
async function launch(interrupt: AbortController): Promise<Browser> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = signals.map((signal) => process.listeners(signal));
  const browser = await launchBrowser({ log: console.error }).catch((error: Error) => {
    throw new RunError(error.message);
  });
  signals.forEach((signal, i) => {
    // Puppeteer would kill the browser and the process; here the page stops first and what was opened is closed.
    for (const listener of process.listeners(signal)) {
      if (!before[i]!.includes(listener)) process.off(signal, listener);
    }
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(new InterruptError(signal).exitCode);
      interrupt.abort(new InterruptError(signal));
    });
  });
  return browser;
}

async function runInPage(
  browser: Browser,
  url: string,
  options: TrainOptions,
  printer: Printer,
  signal: AbortSignal,
): Promise<TrainResult> {
  const page = await browser.newPage();
  const failed = failureOf(page, printer);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      page.evaluate(() => window.stopTraining()).catch(() => {});
      setTimeout(reject, GRACE_MS, signal.reason).unref();
    });
  });
  await page.exposeFunction('reportToNode', (event: TrainEvent) => printer.event(event));
  const work = async (): Promise<TrainOutcome> => {
    await page.goto(url);
    const hasRecovered = Object.values(RECOVERED_FILES).every((file) =>
      existsSync(join(root, '../shared/brain', file)),
    );
    const request: TrainRequest = { ...options, hasRecovered };
    return page.evaluate((request) => window.train(request), request);
  };
  const outcome = await Promise.race([work(), failed, stopped]);
  if ('result' in outcome) return outcome.result;
  const { name, message, stack } = outcome.error;
  if (name) throw new RunError(`${name}: ${message}`);
  throw Object.assign(new Error(message), { stack });
}

/** A promise that fails when the page does so in another way than by an answer; what it warns of is printed. */
function failureOf(page: Page, printer: Printer): Promise<never> {
  page.on('console', (message) => {
    const type = message.type();
    if (type === 'error' || type === 'warn') printer.note(`[page] ${message.text()}`);
  });
  return new Promise((_, reject) => {
    page.on('error', () => reject(new RunError('the page crashed; less memory may do: --images, --batch-size')));
    page.on('pageerror', (error) => reject(error));
    page.browser().once('disconnected', () => reject(new RunError('the browser ended before the run was done')));
  });
}
