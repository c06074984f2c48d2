import type { Browser, Page } from 'puppeteer';
import type { Printer } from './printer.ts';
import type { TrainEvent, TrainOutcome, TrainRequest } from './protocol.ts';
import { RunError } from './stops.ts';

/** How long a page may take to stop before its browser is closed all the same. */
const GRACE_MS = 3000;

/** Does the work in a page of the browser; the page's server gives it its files and takes what it makes. */
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
