/**
 * A vitest browser provider on puppeteer: tests run inside a page of the Chrome or the Firefox that tools/browser.ts and
 * tools/firefox.ts find or install.
 *
 * A test calls the commands at the end of this file through `commands` of `vitest/browser`.
 */
import { defineBrowserCommand, defineBrowserProvider } from '@vitest/browser';
import type { Browser, ConsoleMessage, Page } from 'puppeteer';
import type { BrowserProvider } from 'vitest/node';
import { killGpuProcess as killBrowsersGpuProcess, launchBrowser } from './browser.ts';
import { findOrInstallFirefox, launchFirefox } from './firefox.ts';

const LAUNCH: Record<string, () => Promise<Browser>> = {
  chrome: launchBrowser,
  firefox: async () => launchFirefox(await findOrInstallFirefox()),
};

class PuppeteerProvider implements BrowserProvider {
  readonly name = 'puppeteer';
  readonly supportsParallelism = true;
  private browser: Promise<Browser> | undefined;
  private readonly pages = new Map<string, Page>();
  readonly #launch: () => Promise<Browser>;

  constructor(browser: string) {
    this.#launch = LAUNCH[browser]!;
  }

  getCommandsContext(sessionId: string): Record<string, unknown> {
    return { page: this.pages.get(sessionId) };
  }

  async openPage(sessionId: string, url: string): Promise<void> {
    this.browser ??= this.#launch();
    const page = await (await this.browser).newPage();
    this.pages.set(sessionId, page);
    // Vitest shows what tests log by themselves. The browser's own messages, WebGPU's validation errors among them, have
    // no arguments; those and what workers log would be lost.
    page.on('console', (message) => message.args().length === 0 && forward(message));
    page.on('workercreated', (worker) => worker.on('console', forward));
    page.on('pageerror', (error) => console.error('[page]', error));
    page.on('error', (error) => console.error('[page crashed]', error));
    await page.goto(url, { timeout: 0 });
  }

  async close(): Promise<void> {
    this.pages.clear();
    await (await this.browser)?.close();
  }
}

let last = '';

/** Shows warnings and errors. One that repeats itself, as those of a training loop do, is shown once. */
function forward(message: ConsoleMessage): void {
  const text = message.text().trim();
  const serious = message.type() === 'error' || message.type() === 'warn';
  if (serious && text !== last) console.error(`[page] ${text}`);
  last = text;
}

export function puppeteer() {
  return defineBrowserProvider({
    name: 'puppeteer',
    supportedBrowser: Object.keys(LAUNCH),
    providerFactory: ({ config }) => new PuppeteerProvider(config.browser.name),
  });
}

declare module 'vitest/browser' {
  export const commands: { killGpuProcess(): Promise<void>; usedHeap(): Promise<number> };
}

/** See `killGpuProcess` in browser.ts. */
export const killGpuProcess = defineBrowserCommand<[]>((context) => {
  const { page } = context as unknown as { page: Page };
  return killBrowsersGpuProcess(page.browser());
});

/** Bytes of the page's JavaScript heap that are in use, after a garbage collection. */
export const usedHeap = defineBrowserCommand<[]>(async (context) => {
  const { page } = context as unknown as { page: Page };
  const session = await page.createCDPSession();
  try {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  } finally {
    await session.detach();
  }
});
