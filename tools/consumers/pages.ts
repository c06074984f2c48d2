/** Pages of users' projects in Chrome: built by their bundlers, or static. */
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { preview } from 'vite';
import { run } from '../packed.ts';
import type { Consumer, Place } from './consumers.ts';
import { makeProject, VERSIONS } from './project.ts';

/** A page says its result in its title. Software adapters take seconds, busy machines a minute. */
const PAGE_MS = 180_000;

/** Serves a folder and opens a page of it. @returns what `titleAt` does */
async function titleOf(browser: Browser, folder: string, name = 'index.html'): Promise<string> {
  const server = await preview({
    ...{ configFile: false, root: folder, logLevel: 'error', appType: 'mpa', build: { outDir: folder } },
    preview: { host: '127.0.0.1', port: 0 },
  });
  const { port } = server.httpServer.address() as AddressInfo;
  try {
    return await titleAt(browser, `http://127.0.0.1:${port}/${name}`);
  } finally {
    await server.close();
  }
}

/** Opens a page. @returns its title, once it has one; of a page that fails its first error */
async function titleAt(browser: Browser, url: string): Promise<string> {
  const page = await browser.newPage();
  try {
    const failed = new Promise<string>((resolve) => {
      page.on('pageerror', (error) => resolve(`error: ${(error as Error).message}`));
      page.on('requestfailed', (request) => resolve(`error: ${request.url()} cannot be loaded`));
      page.on('response', (response) => response.status() >= 400 && resolve(`error: ${response.url()} is missing`));
    });
    await page.goto(url);
    const titled = page.waitForFunction(() => document.title, { timeout: PAGE_MS }).then((title) => title.jsonValue());
    return await Promise.race([titled, failed]);
  } finally {
    await page.close();
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

/** A model in a worker, by each bundler. */
function remotely(name: 'vite' | 'webpack' | 'esbuild', build: (folder: string) => string | undefined): Consumer {
  return {
    name: `a model in a worker, ${name} ${VERSIONS[name]}`,
    async trial({ work, packed, browser }) {
      const folder = makeProject(join(work, name), 'remote', packed, [name]);
      const out = build(folder);
      return titleOf(browser, out ?? folder, out ? 'index.html' : 'bundled.html');
    },
  };
}

const REMOTE: readonly Consumer[] = [
  remotely('vite', (folder) => {
    node(folder, 'node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn');
    return join(folder, 'dist');
  }),
  remotely('webpack', (folder) => void node(folder, 'webpack.cjs')),
  remotely('esbuild', (folder) => {
    for (const [from, to] of Object.entries({ esbuild: 'bundle', worker: 'worker.bundle' }))
      node(folder, 'node_modules/esbuild/bin/esbuild', `${from}.js`, '--bundle', '--minify', `--outfile=${to}.js`);
    return undefined;
  }),
  {
    name: `a model in a worker, vite ${VERSIONS.vite} while developing`,
    async trial({ work, packed, browser }) {
      const folder = makeProject(join(work, 'vite-dev'), 'remote', packed, ['vite']);
      const server = await developing(folder);
      try {
        return await titleAt(browser, server.url);
      } finally {
        server.stop();
      }
    },
  },
  {
    name: 'a model in a worker, static page',
    async trial({ work, packed, browser }) {
      return titleOf(browser, makeProject(join(work, 'static'), 'remote', packed, []), 'static.html');
    },
  },
];

/** Vite's server for development, of the project's own version. */
async function developing(folder: string): Promise<{ url: string; stop(): void }> {
  const command = ['node_modules/vite/bin/vite.js', '--host', '127.0.0.1', '--port', '0'];
  const server = spawn(process.execPath, command, { cwd: folder, env: { ...process.env, NO_COLOR: '1' } });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const hear = (text: Buffer) => {
      said += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
      if (found) resolve(found);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('exit', () => reject(new Error(`vite ended: ${said}`)));
  });
  return { url, stop: () => void server.kill() };
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
  ...REMOTE,
];
