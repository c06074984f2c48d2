/** The demo as visitors get it: built, served from a folder of some server, in a browser. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../tools/browser.ts';

const root = resolve(import.meta.dirname, '..');
const outDir = mkdtempSync(join(tmpdir(), 'neurite-site-'));
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const SUB_PATH = '/some/where/';
/** The same files, but workers find no WebGPU. */
const WITHOUT_GPU = '/without-gpu/';

let server: Server;
let browser: Browser;
let origin = '';

beforeAll(async () => {
  await build({ configFile: join(root, 'vite.config.ts'), mode: 'site', logLevel: 'error', build: { outDir } });
  server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    const base = [SUB_PATH, WITHOUT_GPU].find((prefix) => path.startsWith(prefix));
    try {
      const name = path.slice(base!.length) || 'index.html';
      const file = readFileSync(join(outDir, name));
      response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
      if (base === WITHOUT_GPU && /worker.*\.js$/.test(name)) {
        response.write("Object.defineProperty(navigator, 'gpu', { value: undefined });");
      }
      response.end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(outDir, { recursive: true, force: true });
});

/** Opens the page and collects what must not happen. */
async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('workercreated', (worker) => {
    worker.on('console', (message) => {
      if (['error', 'warn'].includes(message.type())) complaints.push(`worker: ${message.text()}`);
    });
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin + path) && !/^(data|blob):/.test(url)) complaints.push(`request to ${url}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(origin + path);
  return { page, complaints };
}

const textOf = (page: Page, selector: string) => page.$eval(selector, (element) => element.textContent?.trim() ?? '');

test('trains in the page, shows loss and accuracy, and stops', async () => {
  const { page, complaints } = await open(SUB_PATH);
  await page.waitForSelector('#start:enabled');
  expect(await textOf(page, '#adapter')).not.toBe('');
  expect(await textOf(page, '#data')).toContain('simulated');
  expect(await page.$$eval('#preset option', (options) => options.map(({ value }) => value))).toContain('baseline');
  await page.click('#start');
  await page.waitForSelector('#stop:enabled');
  await page.waitForFunction(() => /step [3-9]/.test(document.querySelector('#state')!.textContent!), {
    timeout: 50_000,
  });
  expect(await textOf(page, '#loss')).toMatch(/^\d\.\d{4}$/);
  expect(await textOf(page, '#accuracy')).toMatch(/^[01]\.\d{4}$/);
  expect(await textOf(page, '#summary')).toContain('Total params: 62,338');
  await page.click('#stop');
  await page.waitForFunction(() => document.querySelector('#state')!.textContent === 'stopped');
  await page.waitForSelector('#start:enabled');
  expect(complaints).toEqual([]);
  await page.close();
});

test('says what is missing where there is no WebGPU', async () => {
  const { page, complaints } = await open(WITHOUT_GPU);
  await page.waitForSelector('#problem:not([hidden])');
  expect(await textOf(page, '#problem')).toContain('no WebGPU');
  expect(await page.$eval('#start', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
  expect(complaints).toEqual([]);
  await page.close();
});
