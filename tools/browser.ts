/**
 * Finds, or installs, a Chromium-like browser, and launches it headless with WebGPU on.
 *
 * npx tsx tools/browser.ts            prints the path of the browser that would be used npx tsx tools/browser.ts
 * --adapter  launches it and prints the WebGPU adapter that it gives
 *
 * Environment: NEURITE_BROWSER (or PUPPETEER_EXECUTABLE_PATH) names an executable, which may be Firefox (for its
 * adapter see firefox.ts); NEURITE_BROWSER_FLAGS adds launch flags, separated by spaces.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import type { Browser } from 'puppeteer';
import { launchFirefox } from './firefox.ts';
import { browserCache, chromes, type Log, printAdapter, root, versionOf } from './installed.ts';

export interface FoundBrowser {
  executablePath: string;
  /** Environment variables that the browser needs in addition to those of this process. */
  env: Record<string, string>;
  /** The headless-only build of Chromium knows only the old headless mode. */
  headlessShell: boolean;
}

export interface LaunchOptions {
  log?: Log;
  headless?: boolean;
  args?: string[];
  /** Show the browser's own stdout and stderr. */
  dumpio?: boolean;
}

const FLAGS = [
  '--enable-unsafe-webgpu', // software adapters, and GPUs on the blocklist
  '--enable-webgpu-developer-features', // timestamps that are not rounded to 100 us
  '--disable-gpu-process-crash-limit', // tests of device loss kill the GPU process more than once
  '--disable-domain-blocking-for-3d-apis', // the same
  // A software adapter compiles this extension to a store for each element, which takes seconds for a kernel with
  // shared memory.
  '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  // A page in the background must train as fast as one in front.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** The browser to use, the one named in the environment or an installed one. */
export async function findBrowser(): Promise<FoundBrowser | undefined> {
  const named = process.env.NEURITE_BROWSER || process.env.PUPPETEER_EXECUTABLE_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`NEURITE_BROWSER names ${named}, which does not exist`);
    return { executablePath: named, env: {}, headlessShell: false };
  }
  const installed = chromes().find((path) => versionOf(path) !== undefined);
  if (installed) return { executablePath: installed, env: {}, headlessShell: false };
  const packaged = await packagedChromium();
  if (existsSync(packaged.executablePath)) return packaged;
  const downloaded = await downloadedChrome();
  return existsSync(downloaded.executablePath) ? downloaded : undefined;
}

/** The browser to use, or one that is installed now. */
export async function findOrInstallBrowser({ log = console.error }: { log?: Log } = {}): Promise<FoundBrowser> {
  const found = await findBrowser();
  if (found) return found;
  const problems: string[] = [];
  if (process.platform === 'linux' && process.arch === 'x64') {
    try {
      return await installChromium(log);
    } catch (error) {
      problems.push(`the npm package @sparticuz/chromium: ${(error as Error).message}`);
    }
  }
  try {
    return await downloadChrome(log);
  } catch (error) {
    problems.push(`puppeteer's own download: ${(error as Error).message}`);
  }
  throw new Error(
    'no browser found, and none could be installed. Install Chrome, Chromium or Edge, or set NEURITE_BROWSER to an ' +
      `executable.\n  tried ${problems.join('\n  tried ')}`,
  );
}

/** A browser with WebGPU on. The caller closes it. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const found = await findOrInstallBrowser(options);
  const extra = [...(process.env.NEURITE_BROWSER_FLAGS?.split(' ').filter(Boolean) ?? []), ...(options.args ?? [])];
  if (/firefox/i.test(basename(found.executablePath))) return launchFirefox(found, { ...options, args: extra });
  const { default: puppeteer } = await import('puppeteer');
  const headless = options.headless ?? true;
  // Chromium's sandbox refuses to run as root, and many Linux containers forbid the namespaces that it needs.
  const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : [];
  const shell = found.headlessShell && headless ? 'shell' : headless;
  return puppeteer.launch({
    executablePath: found.executablePath,
    env: { ...process.env, ...found.env },
    headless: shell,
    args: [...FLAGS, ...sandbox, ...extra],
    dumpio: options.dumpio ?? false,
    protocolTimeout: 0, // a training run may keep one evaluate() waiting for minutes
  });
}

/** Kills the browser's GPU process, so that its devices are really lost. The browser starts a new GPU process. */
export async function killGpuProcess(browser: Browser): Promise<void> {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  for (const { type, id } of processInfo) if (type === 'GPU') process.kill(id, 'SIGKILL');
}

const CHROMIUM = join(root, 'tools', 'chromium', 'package.json');

/** The Chromium inside the npm package @sparticuz/chromium, which installChromium puts there. */
async function packagedChromium(): Promise<FoundBrowser> {
  const version: string = JSON.parse(await readFile(CHROMIUM, 'utf8')).dependencies['@sparticuz/chromium'];
  const home = join(browserCache, `chromium-${version}`);
  const libraries = [join(home, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    executablePath: join(home, 'chromium'),
    env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: home },
    headlessShell: true,
  };
}

/**
 * Installs Chromium with SwiftShader, a font and the few system libraries that it needs. It is built in a folder of this
 * process' own and renamed into place, so that two processes may both try.
 */
async function installChromium(log: Log): Promise<FoundBrowser> {
  const chromium = await packagedChromium();
  const home = dirname(chromium.executablePath);
  log(`no browser found: installing Chromium (npm package @sparticuz/chromium) into .browser/`);
  const work = join(browserCache, `installing-${process.pid}`);
  try {
    await mkdir(work, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      await copyFile(join(dirname(CHROMIUM), file), join(work, file));
    }
    npmCi(work);
    await unpack(work, join(work, 'unpacked'), home);
    await rename(join(work, 'unpacked'), home).catch((error) => {
      if (!existsSync(home)) throw error; // else another process was faster, with the same result
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  log('Chromium is ready');
  return chromium;
}

/** Unpacks the package installed under `work` into `folder`, which will be renamed to `home`. */
async function unpack(work: string, folder: string, home: string): Promise<void> {
  const bin = join(work, 'node_modules', '@sparticuz', 'chromium', 'bin');
  const tar: { extract(folder: string): NodeJS.WritableStream } = createRequire(join(work, 'package.json'))('tar-fs');
  await mkdir(folder, { recursive: true });
  const inflate = (file: string, target: NodeJS.WritableStream) =>
    pipeline(createReadStream(join(bin, file)), createBrotliDecompress({ chunkSize: 1 << 21 }), target);
  await Promise.all([
    inflate('chromium.br', createWriteStream(join(folder, 'chromium'), { mode: 0o755 })),
    ...['al2023', 'swiftshader', 'fonts'].map((name) => inflate(`${name}.tar.br`, tar.extract(folder))),
  ]);
  const fonts = [join(home, 'fonts'), '/usr/share/fonts'].map((dir) => `<dir>${dir}</dir>`).join('');
  const config = `<fontconfig>${fonts}<cachedir>${join(home, 'fonts-cache')}</cachedir></fontconfig>\n`;
  await writeFile(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n${config}`,
  );
}

/** Runs `npm ci` in a folder; npm's output is shown only when it fails. */
function npmCi(cwd: string): void {
  try {
    // A shell, because npm is a .cmd file on Windows.
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd, shell: true, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    throw new Error(`npm ci failed\n${(error as { stderr?: string }).stderr ?? error}`);
  }
}

/** Puppeteer's own download of Chrome (.puppeteerrc.cjs puts it under .browser/). */
async function downloadedChrome(): Promise<FoundBrowser> {
  const { default: puppeteer } = await import('puppeteer');
  return { executablePath: await puppeteer.executablePath(), env: {}, headlessShell: false };
}

async function downloadChrome(log: Log): Promise<FoundBrowser> {
  const chrome = await downloadedChrome();
  log('no browser found: downloading Chrome into .browser/');
  const cli = join(root, 'node_modules', 'puppeteer', 'lib', 'cjs', 'puppeteer', 'node', 'cli.js');
  const { status } = spawnSync(process.execPath, [cli, 'browsers', 'install', 'chrome'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0 || !existsSync(chrome.executablePath)) throw new Error(`the download failed (status ${status})`);
  return chrome;
}

async function main(): Promise<void> {
  if (process.argv.includes('--adapter')) await printAdapter(launchBrowser);
  else console.log((await findOrInstallBrowser()).executablePath);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
