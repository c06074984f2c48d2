/**
 * The code of README and docs, as it stands there, on the built engine. The README's page is served as a file beside dist/. The JavaScript
 * of a page of docs is one program: its blocks run in their order, as one module in headless Chrome. A block that begins with a comment of a
 * file's name is that file. An HTML block is a page. Blocks for Node run in tooling.node.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../tools/browser.ts';
import { docPages, root } from './support/docs.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-docs-'));
const pages = docPages();
let server: PreviewServer;
let browser: Browser;

beforeAll(async () => {
  const build = ['--import', 'tsx', 'tools/build.ts', '--library', '--out', join(folder, 'dist')];
  const { status, stderr } = spawnSync(process.execPath, build, { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  server = await preview({
    configFile: false,
    root: folder,
    logLevel: 'error',
    appType: 'mpa',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0 },
  });
  // A camera that shows a test picture, and a visitor who allows it.
  browser = await launchBrowser({ args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Serves a text as a page and opens it. @param before code that the page runs first @returns what the page says of itself */
async function open(name: string, html: string, before = '') {
  writeFileSync(join(folder, name), html);
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(before);
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  page.on('request', (request) => requests.push(request.url()));
  const { port } = server.httpServer.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/${name}`);
  return { page, errors, requests };
}

const readmePage = pages
  .find(({ path }) => path === 'README.md')!
  .blocks.filter(({ language }) => language === 'html')
  .map(({ code }) => code);

test("the README's page trains as it stands, from a static server", async () => {
  expect(readmePage).toHaveLength(1);
  expect(readmePage[0]!.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
  const { page, errors, requests } = await open('first.html', readmePage[0]!);
  const text = () => page.$eval('p', (paragraph) => paragraph.textContent);
  await expect.poll(text, { timeout: 120_000 }).toMatch(/^(circle|square): [\d.]+ % (circle|square): [\d.]+ % $/);
  // What is drawn: a circle fills 79 % of the square around it.
  const seen = await page.evaluate(async () => {
    const canvas = document.querySelector('canvas')!;
    const results: [drawn: string, called: string][] = [];
    while (results.length < 10) {
      const before = document.querySelector('p')!.textContent;
      await new Promise((done) => setTimeout(done, 50));
      const called = document.querySelector('p')!.textContent!;
      if (called === before) continue;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, 32, 32);
      const white = [...data.keys()].filter((i) => i % 4 === 3 && data[i]! > 127).map((i) => i >> 2);
      const side = (of: (pixel: number) => number) => Math.max(...white.map(of)) - Math.min(...white.map(of)) + 1;
      const part = white.length / (side((pixel) => pixel % 32) * side((pixel) => pixel >> 5));
      results.push([part > 0.9 ? 'square' : 'circle', called.split(':')[0]!]);
    }
    return results;
  });
  expect(seen.filter(([drawn, called]) => drawn === called).length).toBeGreaterThanOrEqual(8); // half of ten by chance
  expect(errors.filter((error) => !error.includes('favicon'))).toEqual([]);
  expect(requests.filter((url) => !url.includes('favicon')).map((url) => new URL(url).pathname)).toEqual([
    '/first.html',
    '/dist/neurite.js',
  ]);
  await page.close();
});

const FILE_NAME = /^\/\/ (\w+\.js)\n/;

test("the README's page says what is missing where there is no WebGPU", async () => {
  const hidden = "Object.defineProperty(navigator, 'gpu', { value: undefined });";
  const { page } = await open('first.html', readmePage[0]!, hidden);
  const text = () => page.$eval('p', (paragraph) => paragraph.textContent);
  await expect.poll(text).toMatch(/no WebGPU .*Use Chrome/);
  await page.close();
});

/** The pages that docs show as HTML. The README's has a test of its own. */
const shown = pages
  .filter(({ path }) => path !== 'README.md')
  .flatMap(({ path, blocks }) =>
    blocks.filter(({ language }) => language === 'html').map(({ code }) => ({ path, code })),
  );

test.each(shown)('the HTML of $path shows a text, and no error', async ({ code }) => {
  const { page, errors } = await open('shown.html', code);
  await expect.poll(() => page.$eval('body', (body) => body.innerText.trim())).not.toBe('');
  expect(errors.filter((error) => !error.includes('favicon'))).toEqual([]);
  await page.close();
});

/** Blocks of a page that run in a browser, those that are files beside it, and those that run in Node. */
const programs = pages.map(({ path, blocks }) => {
  const scripts = blocks.filter(({ language }) => language === 'js').map(({ code }) => code);
  const isForNode = (code: string) => code.includes("from 'webgpu'");
  const isFile = (code: string) => FILE_NAME.test(code);
  const inPage = scripts.filter((code) => !isForNode(code) && !isFile(code));
  return { path, inPage, files: scripts.filter(isFile), inNode: scripts.filter(isForNode) };
});

test('blocks for Node are those that tooling.node.test.ts runs', () => {
  const named = programs.filter(({ inNode }) => inNode.length > 0);
  expect(named.map(({ path, inNode }) => [path, inNode.length])).toEqual([
    ['docs/accuracy.md', 1],
    ['docs/browsers.md', 1],
    ['docs/tensorboard.md', 1],
  ]);
});

const imports = Object.fromEntries(
  ['neurite', 'augmentation', 'brain', 'selftest', 'vis', 'worker'].map((name) => [
    name === 'neurite' ? name : `neurite/${name}`,
    `./dist/${name}.js`,
  ]),
);

test.each(programs.filter(({ inPage }) => inPage.length > 0))(
  'the code of $path runs from its first block to its last',
  { timeout: 180_000 },
  async ({ path, inPage, files }) => {
    for (const code of files) writeFileSync(join(folder, FILE_NAME.exec(code)![1]!), code);
    const name = `${path.replaceAll(/\W/g, '-')}.html`;
    const { page, errors } = await open(
      name,
      `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
       <script type="importmap">${JSON.stringify({ imports })}</script>
       <script type="module">${inPage.join('\n')}\ndocument.title = 'done';</script>`,
    );
    await expect.poll(async () => errors.length > 0 || (await page.title()), { timeout: 170_000 }).toBeTruthy();
    expect(errors).toEqual([]);
    expect(await page.title()).toBe('done');
    await page.close();
  },
);
