/** Pages of users' projects in Chrome: built by their bundlers, or static. */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { preview } from 'vite';
import { run } from '../packed.ts';
import type { Consumer, Place } from './consumers.ts';
import { makeProject, VERSIONS } from './project.ts';

/** A page says its result in its title. Software adapters take seconds, busy machines a minute. */
const PAGE_MS = 180_000;

/** Serves a folder and opens a page of it. @returns the page's title, once it has one; of a page that fails its first error */
async function titleOf(browser: Browser, folder: string, name = 'index.html'): Promise<string> {
  const server = await preview({
    ...{ configFile: false, root: folder, logLevel: 'error', appType: 'mpa', build: { outDir: folder } },
    preview: { host: '127.0.0.1', port: 0 },
  });
  const page = await browser.newPage();
  try {
    const failed = new Promise<string>((resolve) => {
      page.on('pageerror', (error) => resolve(`error: ${(error as Error).message}`));
      page.on('requestfailed', (request) => resolve(`error: ${request.url()} cannot be loaded`));
      page.on('response', (response) => response.status() >= 400 && resolve(`error: ${response.url()} is missing`));
    });
    const { port } = server.httpServer.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/${name}`);
    const titled = page.waitForFunction(() => document.title, { timeout: PAGE_MS }).then((title) => title.jsonValue());
    return await Promise.race([titled, failed]);
  } finally {
    await page.close();
    await server.close();
  }
}

const node = (folder: string, ...args: string[]) => run(process.execPath, args, folder);

async function viteApp({ work, packed, browser }: Place): Promise<string> {
  const folder = makeProject(work, 'vite', packed, ['typescript', 'vite']);
  node(folder, 'node_modules/typescript/bin/tsc', '--project', '.');
  node(folder, 'node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn');
  return titleOf(browser, join(folder, 'dist'));
}

async function webpackApp({ work, packed, browser }: Place): Promise<string> {
  const folder = makeProject(join(work, 'webpack'), 'bundled', packed, ['webpack']);
  node(folder, 'webpack.cjs');
  return titleOf(browser, folder);
}

async function esbuildApp({ work, packed, browser }: Place): Promise<string> {
  const folder = makeProject(join(work, 'esbuild'), 'bundled', packed, ['esbuild']);
  node(folder, 'node_modules/esbuild/bin/esbuild', 'main.js', '--bundle', '--minify', '--outfile=bundle.js');
  return titleOf(browser, folder);
}

/** A page that a server makes first, with the engine in both. */
async function nextApp({ work, packed, browser }: Place): Promise<string> {
  const folder = makeProject(work, 'next', packed, ['next', 'react', 'react-dom']);
  run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], folder, { NEXT_TELEMETRY_DISABLED: '1' });
  return titleOf(browser, join(folder, 'out'));
}

/** Pages without a build, of one project. */
function staticPages(): Consumer[] {
  let folder: string | undefined;
  const opened = (name: string) => (place: Place) => {
    folder ??= makeProject(place.work, 'static', place.packed, []);
    return titleOf(place.browser, folder, name);
  };
  return [
    { name: 'static page, module', trial: opened('module.html') },
    { name: 'static page, classic script', trial: opened('classic.html') },
    { name: 'static page, module worker', trial: opened('worker.html') },
  ];
}

export const PAGES: readonly Consumer[] = [
  { name: `Vite ${VERSIONS.vite} and TypeScript, page and worker`, trial: viteApp },
  { name: `webpack ${VERSIONS.webpack}`, trial: webpackApp },
  { name: `esbuild ${VERSIONS.esbuild}`, trial: esbuildApp },
  { name: `Next ${VERSIONS.next}, static export`, trial: nextApp },
  ...staticPages(),
];
