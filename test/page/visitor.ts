/** A visitor of the built page: opens it, finds things by their accessible names, and collects what must not happen. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer';
import { expect } from 'vitest';
import { simulateBrain, writeBrainImages } from '../../src/brain/index.ts';
import { TINY } from './links.ts';

/** How long one thing on the page may take on two slow cores without a GPU, with other tests beside. */
const PATIENCE = 60_000;

export interface Visit {
  readonly page: Page;
  /**
   * Errors and warnings of page and worker, what the security policy forbade, failed requests, requests to anywhere else, and
   * requests that could carry something away.
   */
  readonly complaints: string[];
  /** Addresses of all that page and worker have asked for. */
  readonly requests: string[];
  /** Clicks a button once, by its name, with the mouse. */
  click(name: string, within?: string): Promise<void>;
  /** Waits until the visible text of an element satisfies a test. @param patience in milliseconds */
  text(selector: string, wanted: RegExp, patience?: number): Promise<string>;
  /** Replaces the text of a field, by its label. */
  type(label: string, text: string, within?: string): Promise<void>;
  /** Drops files on the section of the data. */
  drop(files: { name: string; bytes: Uint8Array }[]): Promise<void>;
  /** Unfolds what is rarely wanted of the lab: all that stands under “more”, and the editor of layers. */
  unfold(): Promise<void>;
  /** Waits for an element. */
  see(selector: string): Promise<void>;
}

/**
 * @param options.withoutPolicy whether the page's security policy is ignored, to see what happens without it
 * @param options.base folder of the site, where `url` is not of it yet
 */
export async function visit(
  browser: Browser,
  url: string,
  { withoutPolicy = false, base = new URL('.', url).href } = {},
): Promise<Visit> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setViewport({ width: 1280, height: 900 });
  // Without smooth scrolling a button stays where it is while it is clicked.
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await page.setBypassCSP(withoutPolicy);
  const complaints: string[] = [];
  const requests: string[] = [];
  const listen = (who: string) => (message: { type(): string; text(): string }) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(`${who}: ${message.text()}`);
  };
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', listen('page'));
  page.on('workercreated', (worker) => worker.on('console', listen('worker')));
  page.on('request', (request) => {
    requests.push(request.url());
    const own = request.url().startsWith(base) || /^(data|blob):/.test(request.url());
    if (!own) complaints.push(`request to ${request.url()}`);
    if (request.method() !== 'GET') complaints.push(`${request.method()} ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      console.error(`forbidden by ${effectiveDirective}: ${blockedURI}`),
    );
  });
  await page.goto(url);
  const named = (role: string, name: string, within = 'body') =>
    `${within} >>> ::-p-aria([name="${name}"][role="${role}"])`;
  /** What a failure should say besides: the page's own explanation. */
  const told = async () => {
    const notices = await page.$$eval('.notice', (all) => all.map(({ textContent }) => textContent)).catch(() => []);
    return `the page's messages: ${notices.join(' | ') || 'none'}`;
  };
  return {
    page,
    complaints,
    requests,
    async click(name, within) {
      for (const end = Date.now() + PATIENCE; ; await sleep(50)) {
        const missed = await press(page, named('button', name, within));
        if (missed === undefined) return;
        if (Date.now() > end) throw new Error(`the button “${name}” ${missed}; ${await told()}`);
      }
    },
    async text(selector, wanted, patience = PATIENCE) {
      const read = () => page.$eval(selector, (element) => element.textContent ?? '').catch(() => undefined);
      for (const end = Date.now() + patience; ; ) {
        const text = await read();
        if (text !== undefined && wanted.test(text)) return text;
        if (Date.now() > end) throw new Error(`${selector} does not say ${wanted}, but: ${text}; ${await told()}`);
        await sleep(50);
      }
    },
    async type(label, text, within) {
      await page.locator(named('textbox', label, within)).fill(text);
    },
    async drop(files) {
      const texts = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
      await page.$eval(
        '#data',
        (target, texts) => {
          const dropped = new DataTransfer();
          for (const { name, base64 } of texts) {
            dropped.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
          }
          for (const type of ['dragenter', 'dragover', 'drop']) {
            target.dispatchEvent(new DragEvent(type, { dataTransfer: dropped, bubbles: true, cancelable: true }));
          }
        },
        texts,
      );
    },
    async unfold() {
      await scrollThrough(page);
      await page.$$eval('details.more', (all) => {
        for (const details of all) (details as HTMLDetailsElement).open = true;
      });
      const button = await page.$('#model .section-head + .button');
      await button?.evaluate((element) => (element as HTMLElement).click());
      await page.waitForSelector('.add-layer');
      await page.waitForSelector('.segments');
      await page.waitForSelector('.numbers');
    },
    async see(selector) {
      await page.waitForSelector(selector);
    },
  };
}

/** Scrolls through the lab, whose sections are loaded when a visitor comes near them, and back. */
export async function scrollThrough(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    scrollTo(0, document.documentElement.scrollHeight);
    return document.getElementById('model'); // the last of them
  });
  await page.evaluate(() => scrollTo(0, 0));
}

/**
 * Clicks a button with the mouse, once: puppeteer's own click does it again where an answer is late, and a second click may well
 * do something else.
 * @returns why it was not clicked; undefined where the click has arrived
 */
async function press(page: Page, selector: string): Promise<string | undefined> {
  const aimed = await aim(page, selector).catch(({ message }: Error) => `could not be looked at (${message})`);
  if (typeof aimed === 'string') return aimed;
  await page.mouse.click(aimed.x, aimed.y);
  // A page that changes meanwhile moves it away from under the pointer; a page that is gone has been clicked.
  const arrived = await aimed.target.evaluate(({ arrived }) => arrived).catch(() => true);
  return arrived ? undefined : 'moved away from under the pointer';
}

/** @returns where a button stands, and what hears whether a click arrives; or why it cannot be clicked */
async function aim(page: Page, selector: string) {
  const button = await page.$(selector);
  if (!button) return 'is not there';
  const target = await button.evaluateHandle(async (element) => {
    // Into the middle of the window: at its edges, bars lie over what scrolls below them.
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const before = element.getBoundingClientRect();
    await new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(done));
      setTimeout(done, 500); // a tab in the background has no frames
    });
    const { x, y, width, height } = element.getBoundingClientRect();
    const target = { x: x + width / 2, y: y + height / 2, missed: '', arrived: false };
    if (!element.isConnected) target.missed = 'was replaced';
    else if (element.matches(':disabled')) target.missed = 'is disabled';
    else if (x !== before.x || y !== before.y) target.missed = 'does not stand still';
    else if (!element.contains(document.elementFromPoint(target.x, target.y))) target.missed = 'is covered';
    const hear = () => {
      target.arrived = true;
    };
    if (!target.missed) element.addEventListener('click', hear, { capture: true, once: true });
    return target;
  });
  const { x, y, missed } = await target.evaluate(({ x, y, missed }) => ({ x, y, missed }));
  return missed || { x, y, target };
}

/** Four images of each class of segment 3, as two files of the course under any names. */
export async function courseFiles(names: [real: string, fake: string]) {
  const { x } = simulateBrain({ segments: [3], imagesPerClass: 4, seed: 1 });
  const half = (k: number) => x.data.slice(k * 4 * 16384, (k + 1) * 4 * 16384);
  return Promise.all(
    names.map(async (name, k) => ({ name, bytes: await writeBrainImages({ data: half(k), shape: [4, 128, 128, 1] }) })),
  );
}

/** Downloads a model into a new folder below `parent`. @param button the one to click. @returns the path of the file */
export async function download({ page, click }: Visit, parent: string, button = 'Download model'): Promise<string> {
  const folder = mkdtempSync(join(parent, 'model-'));
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  await click(button);
  const done = () => readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  await expect.poll(done, { timeout: PATIENCE }).toHaveLength(1);
  return join(folder, done()[0]!);
}

/** Waits for the end of a tab's run, and of its test. @param parent of the download. @returns the bytes of the model's file */
export async function finished(visitor: Visit, run: string, parent: string): Promise<Buffer> {
  await visitor.page.bringToFront(); // downloads, and what is drawn, are of the tab in front
  await visitor.text('.runs tbody tr:last-child', new RegExp(`${run}.*done`), 4 * PATIENCE);
  await visitor.text('.score', new RegExp(`test images right${run}`));
  await visitor.text('.transport-text', /^ready$/);
  return readFileSync(await download(visitor, parent, `Download the model of ${run}`));
}

/**
 * The model of a run that nothing disturbs, once all its kernels are measured: a slow visit has no time to measure them all, the next
 * one measures the rest, and other kernels round in another way.
 * @param hash of the network that TINY is, too. @returns the bytes of the model's file
 */
export async function undisturbed(
  { open, downloads }: { open(hash: string): Promise<Visit>; downloads: string },
  hash: string,
  run: string,
): Promise<Buffer> {
  const train = async (hash: string) => {
    const visitor = await open(hash);
    await visitor.click('Start');
    const file = await finished(visitor, run, downloads);
    const kernels = await visitor.page.evaluate(measuredKernels);
    await visitor.page.close();
    return { file, kernels };
  };
  for (let before = -1; ; ) {
    const { kernels } = await train(TINY);
    if (kernels === before) return (await train(hash)).file;
    before = kernels;
  }
}

/** Runs in the page. @returns for how many nodes the browser remembers a kernel that was measured */
async function measuredKernels(): Promise<number> {
  const answer = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await answer(indexedDB.open('neurite', 1));
  const adapters = await answer(database.transaction('tuning').objectStore('tuning').getAll());
  database.close();
  return adapters.reduce((sum, kernels: object) => sum + Object.keys(kernels).length, 0);
}

/** Remembers what an element says from now on, however short. @returns all texts so far, the one that it has now last */
export async function listenTo({ page }: Visit, selector: string): Promise<() => Promise<string[]>> {
  const element = (await page.waitForSelector(selector))!;
  const heard = await element.evaluateHandle((element) => {
    const before: string[] = [];
    new MutationObserver((changes) => before.push(...changes.map(({ oldValue }) => oldValue ?? ''))).observe(element, {
      subtree: true,
      characterDataOldValue: true,
    });
    return before;
  });
  return async () => [...(await heard.jsonValue()), await element.evaluate(({ textContent }) => textContent ?? '')];
}

/** Switches to the theme, where it is not that one. */
export async function switchTo(theme: string, { page, click }: Visit): Promise<void> {
  const now = () => page.$eval('html', ({ dataset }) => dataset.theme);
  if ((await now()) !== theme) await click(`Switch to the ${theme} theme`);
  await expect.poll(now).toBe(theme);
}
