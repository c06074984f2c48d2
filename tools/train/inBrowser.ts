import type { Browser, Page } from 'puppeteer';
import type { Printer } from './printer.ts';
import type { TrainEvent, TrainOutcome, TrainRequest } from './protocol.ts';
import { RunError } from './stops.ts';

/** Time that a page gets to stop before its browser is closed. */
const GRACE_MS = 3000;

/** Does the work in a page of the browser. The page's server sends it files and receives its results. */
export async function trainInBrowser(
  browser: Browser,
  url: string,
  request: TrainRequest,
  printer: Printer,
  signal: AbortSignal,
): Promise<TrainOutcome> {
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
    return page.evaluate((request) => window.train(request), request);
  };
  return Promise.race([work(), failed, stopped]);
}

/** A promise that rejects when the page fails without an answer. Warnings of the page are printed. */
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
