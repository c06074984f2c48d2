/**
 * Training in a page whose GPU process is killed, and that is reloaded or closed: it ends with the bits of an undisturbed run.
 * In a browser of its own, which may suffer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { killGpuProcess, launchBrowser } from '../../tools/browser.ts';
import { randomStream } from '../support/arrays.ts';

const seed = Math.floor(Math.random() * 2 ** 31);
const random = randomStream(seed);
const between = (least: number, most: number) => least + Math.floor(random() * (most - least));

const cache = mkdtempSync(join(tmpdir(), 'neurite-losses-'));
let server: ViteDevServer;
let browser: Browser;
let address: string;
let undisturbed: string;

beforeAll(async () => {
  server = await createServer({
    configFile: false,
    root: resolve(import.meta.dirname, '..', '..'),
    appType: 'custom',
    logLevel: 'error',
    cacheDir: cache,
    optimizeDeps: { noDiscovery: true },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  });
  server.middlewares.use('/training', (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>training</title><script type="module" src="/test/page/training.ts"></script>');
  });
  await server.listen();
  address = `http://127.0.0.1:${(server.httpServer!.address() as AddressInfo).port}/training`;
  browser = await launchBrowser();
  const page = await open();
  undisturbed = await page.evaluate(() => window.training.train());
  await page.close();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(cache, { recursive: true, force: true });
});

afterEach(async () => {
  for (const page of (await browser.pages()).slice(1)) await page.close(); // the first is the browser's own
});

async function open(): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.exposeFunction('kill', () => killGpuProcess(browser));
  await visit(page);
  return page;
}

async function visit(page: Page): Promise<void> {
  await page.goto(address);
  await page.waitForFunction(() => window.training !== undefined);
}

/** So many batches after those that were waited for, training holds: whoever comes late finds it in its middle. */
const AHEAD = 8;

/** Begins to train, or to go on, and waits for so many batches. */
async function begin(page: Page, what: 'train' | 'resume', store: string, batches: number): Promise<void> {
  await page.evaluate(
    (what, store, hold) => {
      window.training.batches = 0;
      window.training.hold = hold;
      window.training[what](store).catch(() => {});
    },
    what,
    store,
    batches + AHEAD,
  );
  await page.waitForFunction((batches) => window.training.batches >= batches, { polling: 5 }, batches);
}

const KILLS = 8;

test(`the GPU process killed ${KILLS} times (seed ${seed})`, async () => {
  const page = await open();
  const steps = Array.from({ length: KILLS }, () => between(1, 40)).sort((p, q) => p - q);
  const got = await page.evaluate((steps) => window.training.train(undefined, steps), steps);
  expect(await page.evaluate(() => window.training.losses.length)).toBe(KILLS);
  expect(got).toBe(undisturbed);
}, 180_000);

test(`reloads and a closed tab in mid-training (seed ${seed})`, async () => {
  let page = await open();
  await begin(page, 'train', 'run', between(4, 12));
  await visit(page); // a reload
  await begin(page, 'resume', 'run', between(2, 8));
  await page.close();
  page = await open();
  await begin(page, 'resume', 'run', between(2, 8));
  await page.reload();
  await page.waitForFunction(() => window.training !== undefined);
  expect(await page.evaluate(() => window.training.resume('run'))).toBe(undisturbed);
  expect(await page.evaluate(() => window.training.batches)).toBeLessThan(24 * 6); // it did not begin anew
  expect(await page.evaluate(() => window.training.resume('run'))).toBeUndefined();
}, 120_000);

test('a file belongs to one tab; one that was half written does not count', async () => {
  const page = await open();
  await begin(page, 'train', 'mine', 4);
  const other = await open();
  const refused = await other.evaluate(() => window.training.train('mine').catch((error) => String(error)));
  expect(refused).toMatch(/StateError: the store 'mine' is in use by another tab/);
  expect(await other.evaluate(() => window.training.resume('mine').catch((error) => String(error)))).toBe(refused);
  await page.close();
  await other.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const file = await (await root.getDirectoryHandle('neurite')).getFileHandle('mine.safetensors');
    const half = await file.createWritable();
    await half.write(new Uint8Array(100));
  });
  await visit(other);
  expect(await other.evaluate(() => window.training.resume('mine'))).toBe(undisturbed);
}, 120_000);
