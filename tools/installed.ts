/** Finds installed browsers: in the usual folders of each platform, and in this project's own folder. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import type { Browser } from 'puppeteer';

export const root = resolve(import.meta.dirname, '..');
/** The folder that browsers are installed to. */
export const browserCache = join(root, '.browser');

export type Log = (message: string) => void;

/** Where Chrome, Chromium and Edge install themselves; not all of these exist. */
export function chromes(): string[] {
  if (process.platform === 'darwin') return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((app) => macApp(app));
  if (process.platform === 'win32') {
    return inProgramFolders('Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe');
  }
  return onPath('google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge');
}

/** Where Firefox installs itself; not all of these exist. */
export function firefoxes(): string[] {
  if (process.platform === 'darwin') {
    return ['Firefox', 'Firefox Developer Edition', 'Firefox Nightly'].map((app) => macApp(app, 'firefox'));
  }
  if (process.platform === 'win32') {
    const folders = ['Mozilla Firefox', 'Firefox Developer Edition', 'Firefox Nightly'];
    return inProgramFolders(...folders.map((folder) => `${folder}\\firefox.exe`));
  }
  return onPath('firefox', 'firefox-esr', 'firefox-developer-edition', 'firefox-nightly');
}

function macApp(app: string, program = app): string {
  return `/Applications/${app}.app/Contents/MacOS/${program}`;
}

function inProgramFolders(...programs: string[]): string[] {
  const folders = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
  return programs.flatMap((program) => folders.filter((f) => f !== undefined).map((folder) => join(folder, program)));
}

function onPath(...names: string[]): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/**
 * Name and version that an executable reports; undefined if it does not run. Some distributions have a stub in the
 * place of the browser, so the file alone proves nothing.
 */
export function versionOf(path: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!existsSync(path)) return undefined;
  if (process.platform === 'win32') return 'unknown'; // there, --version opens a window
  const { status, stdout } = spawnSync(path, ['--version'], { timeout: 15_000, encoding: 'utf8', env });
  return status === 0 ? stdout.trim() : undefined;
}

/** Launches a browser and prints its WebGPU adapter. Sets the exit code where there is none. */
export async function printAdapter(launch: () => Promise<Browser>): Promise<void> {
  // WebGPU wants a secure context, which 127.0.0.1 is and about:blank is not.
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>x</title>'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const adapter = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      if (!adapter) return undefined;
      const { vendor, architecture, device, description } = adapter.info;
      return { vendor, architecture, device, description, features: [...adapter.features].sort() };
    });
    console.log(await browser.version(), adapter ?? 'no WebGPU adapter');
    process.exitCode = adapter ? 0 : 1;
  } finally {
    await browser.close();
    server.close();
  }
}
