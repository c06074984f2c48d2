/** A visitor of the built page: opens it, finds things by their accessible names, and collects what must not happen. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { expect } from 'vitest';
import type { Settings } from '../../demo/link.ts';
import { simulateBrain, writeBrainImages } from '../../src/brain.ts';
import { layers } from '../../src/nn/layers/index.ts';

/** How long one thing on the page may take on two cores without a GPU, with other tests beside. */
const PATIENCE = 20_000;

export interface Visit {
  readonly page: Page;
  /**
   * Errors and warnings of page and worker, what the security policy forbade, failed requests, requests to anywhere else, and
   * requests that could carry something away.
   */
  readonly complaints: string[];
  /** Addresses of all that page and worker have asked for. */
  readonly requests: string[];
  /** Clicks a button, by its name. */
  click(name: string, within?: string): Promise<void>;
  /** Waits until the visible text of an element satisfies a test. @param patience in milliseconds */
  text(selector: string, wanted: RegExp, patience?: number): Promise<string>;
  /** Replaces the text of a field, by its label. */
  type(label: string, text: string, within?: string): Promise<void>;
  /** Drops files on the section of the data. */
  drop(files: { name: string; bytes: Uint8Array }[]): Promise<void>;
  /** Waits for an element. */
  see(selector: string): Promise<void>;
}

/** A link's hash; the page's own form is tested against it. */
export function hashOf(settings: object): string {
  return `#settings=${Buffer.from(JSON.stringify(settings)).toString('base64url')}`;
}

/** What a link's hash says. */
export function settingsOf(hash: string): { training: Settings['training'] } {
  return JSON.parse(Buffer.from(hash.split('=')[1]!, 'base64url').toString());
}

/** The baseline on few images: real training, steps of a quarter of a second. */
export const SMALL_BASELINE = hashOf({
  preset: 'baseline',
  training: { optimizer: 'adam', learningRate: 0.001, schedule: 'constant', batchSize: 8, epochs: 40, seed: 0 },
  data: { imagesPerClass: 8, seed: 0, roles: 'tt-----eee' },
} satisfies Omit<Settings, 'layers' | 'data'> & { data: unknown });

/** Steps of some ten milliseconds, with all that has state: dropout's seeds, batch-norm's moving averages, Adam. */
export const TINY = hashOf({
  preset: 'custom',
  layers: [
    layers.maxPool2d({ poolSize: 8, inputShape: [128, 128, 1] }),
    layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    layers.batchNormalization(),
    layers.flatten(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 2 }),
  ],
  training: { optimizer: 'adam', learningRate: 0.001, schedule: 'cosine', batchSize: 4, epochs: 60, seed: 3 },
  data: { imagesPerClass: 8, seed: 0, roles: 'tt-----eee' },
});

/** @param options.withoutPolicy whether the page's security policy is ignored, to see what happens without it */
export async function visit(browser: Browser, url: string, { withoutPolicy = false } = {}): Promise<Visit> {
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
    const own = request.url().startsWith(url.split('#')[0]!) || /^(data|blob):/.test(request.url());
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
  const find = (role: string, name: string, within = 'body') =>
    page.locator(`${within} >>> ::-p-aria([name="${name}"][role="${role}"])`);
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
      for (const end = Date.now() + PATIENCE; ; ) {
        try {
          const button = await find('button', name, within).waitHandle();
          const hit = await button.evaluateHandle((element) => {
            const hit = { arrived: false };
            element.addEventListener(
              'click',
              () => {
                hit.arrived = true;
              },
              { capture: true, once: true },
            );
            // Into the middle of the window: at its edges, bars lie over what scrolls below them.
            element.scrollIntoView({ block: 'center' });
            return hit;
          });
          await button
            .asLocator()
            .setTimeout(PATIENCE / 4)
            .click(); // that long: it may be replaced by another one of its name
          // A page that changes meanwhile moves it away from under the pointer; a page that is gone has been clicked.
          if (await hit.evaluate(({ arrived }) => arrived).catch(() => true)) return;
          if (Date.now() > end) throw new Error('each click went elsewhere');
        } catch (cause) {
          if (Date.now() < end) continue;
          throw new Error(`there is no button “${name}” to click; ${await told()}`, { cause });
        }
      }
    },
    async text(selector, wanted, patience = PATIENCE) {
      const read = () => page.$eval(selector, (element) => element.textContent ?? '').catch(() => undefined);
      for (const end = Date.now() + patience; ; ) {
        const text = await read();
        if (text !== undefined && wanted.test(text)) return text;
        if (Date.now() > end) throw new Error(`${selector} does not say ${wanted}, but: ${text}; ${await told()}`);
        await new Promise((done) => setTimeout(done, 50));
      }
    },
    async type(label, text, within) {
      await find('textbox', label, within).fill(text);
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
    async see(selector) {
      await page.waitForSelector(selector);
    },
  };
}

/** Four images of each class of segment 3, as two files of the course under any names. */
export async function courseFiles(names: [real: string, fake: string]) {
  const { x } = simulateBrain({ segments: [3], imagesPerClass: 4, seed: 1 });
  const half = (k: number) => x.data.slice(k * 4 * 16384, (k + 1) * 4 * 16384);
  return Promise.all(
    names.map(async (name, k) => ({ name, bytes: await writeBrainImages({ data: half(k), shape: [4, 128, 128, 1] }) })),
  );
}

/** Downloads the current model into a new folder below `parent`. Returns the path of the file. */
export async function download({ page, click }: Visit, parent: string): Promise<string> {
  const folder = mkdtempSync(join(parent, 'model-'));
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  await click('Download model');
  const done = () => readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  await expect.poll(done, { timeout: PATIENCE }).toHaveLength(1);
  return join(folder, done()[0]!);
}
