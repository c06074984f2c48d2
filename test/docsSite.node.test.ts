/** The documentation's site as `npm run build` makes it: every page is in it, every link leads somewhere, and it asks no other host. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../tools/browser.ts';
import { buildDocs, DOC_GROUPS } from '../tools/docs.ts';
import { docPages } from './support/docs.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-docs-site-'));
const site = join(folder, 'some/where');
const documents = Object.values(DOC_GROUPS).flat();

beforeAll(() => buildDocs(site), 300_000); // TypeDoc may have to be installed
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = (ending: RegExp) =>
  readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => ({ name, text: readFileSync(join(site, name), 'utf8') }));

test('every page of README and docs is in it', () => {
  const paths = docPages().map(({ path }) => path);
  expect(['README.md', ...documents].sort()).toEqual(paths.sort());
  expect(readdirSync(join(site, 'documents'))).toHaveLength(documents.length);
});

test('the API of all modules is in it', () => {
  for (const page of [
    'functions/neurite.sequential',
    'functions/neurite_augmentation.randomFlip',
    'functions/neurite_brain.simulateBrain',
    'functions/neurite_selftest.selfTest',
    'functions/neurite_tensorboard.tensorBoard',
    'functions/neurite_vis.trainingCurves',
  ])
    expect(existsSync(join(site, `${page}.html`)), page).toBe(true);
});

describe('its files', () => {
  test('load nothing from elsewhere', () => {
    const loads = [
      /<(?:script|img|iframe|source|audio|video|embed|object)\b[^>]*\b(?:src|data)\s*=\s*["']?(?:https?:)?\/\/[^"'\s>]*/gi,
      /<link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?\/\/[^"'\s>]*/gi,
      /\burl\(\s*["']?(?:https?:)?\/\/[^)]*/gi,
      /@import\s+["'](?:https?:)?\/\/[^"']*/gi,
      /\b(?:fetch|import|importScripts|Worker|EventSource|WebSocket|sendBeacon)\(\s*["'`](?:https?:|wss?:)?\/\/[^"'`]*/g,
      /\bfrom\s*["']https?:[^"']*/g,
    ];
    const found = files(/\.(html|css|js|svg)$/).flatMap(({ name, text }) =>
      loads.flatMap((pattern) => (text.match(pattern) ?? []).map((load) => `${name}: ${load}`)),
    );
    expect(found).toEqual([]);
  });

  test('link to each other by relative addresses that exist', () => {
    const pages = files(/\.html$/);
    const ids = new Map(
      pages.map(({ name, text }) => [name, new Set([...text.matchAll(/\bid="([^"]+)"/g)].map((m) => m[1]))]),
    );
    const broken = new Set<string>();
    for (const { name, text } of pages) {
      for (const [, link] of text.matchAll(/<(?:a|link|script|img)\b[^>]*\b(?:href|src)="([^"]+)"/g)) {
        if (/^(?:https?|data):/.test(link!)) continue;
        const [path, id] = link!.replaceAll('&amp;', '&').split('#') as [string, string | undefined];
        const target = path ? join(dirname(name), decodeURIComponent(path)) : name;
        const ok = !path.startsWith('/') && existsSync(join(site, target));
        if (!ok || (id && documentPage.test(target) && !ids.get(target)?.has(decodeURIComponent(id))))
          broken.add(`${name}: ${link}`);
      }
    }
    expect([...broken]).toEqual([]);
    expect(pages.length).toBeGreaterThan(200);
  });
});

/** Pages that people wrote: links to their headings are checked as well. */
const documentPage = /^documents\/|^index\.html$/;

test('a visitor finds words of the pages and of the API, and no other host is asked', async () => {
  const server = await preview({
    configFile: false,
    root: folder,
    logLevel: 'error',
    appType: 'mpa',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0 },
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    const origin = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}`;
    await page.goto(`${origin}/some/where/index.html`);
    const results = async (words: string) => {
      await page.reload();
      await page.waitForSelector('#tsd-search-trigger');
      await page.click('#tsd-search-trigger');
      await page.waitForSelector('#tsd-search-input');
      await page.type('#tsd-search-input', words);
      await page.waitForSelector('#tsd-search-results a');
      return page.$$eval('#tsd-search-results a', (links) => links.map((link) => link.getAttribute('href')!));
    };
    expect((await results('watchdog')).join()).toContain('documents/Memory.html');
    expect((await results('earlyStopping')).join()).toContain('functions/neurite.earlyStopping.html');
    expect(errors).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(origin) && !url.startsWith('data:'))).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
