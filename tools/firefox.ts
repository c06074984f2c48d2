/**
 * Finds, or installs, Firefox, and launches it headless with WebGPU on: wgpu and naga, the second implementation of
 * WebGPU.
 *
 * npx tsx tools/firefox.ts            prints the path of the Firefox that would be used npx tsx tools/firefox.ts
 * --adapter  launches it and prints the WebGPU adapter that it gives
 *
 * On a Linux machine without a GPU it computes on Chromium's SwiftShader, whose path it needs. VK_DRIVER_FILES names
 * another driver, NEURITE_FIREFOX another Firefox.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'puppeteer';
import { installFromDebian, libraryFolders } from './debian.ts';
import { browserCache, firefoxes, type Log, printAdapter, root, versionOf } from './installed.ts';
import { swiftShader, vulkanLoaders } from './node/chromium.ts';

export interface FoundFirefox {
  readonly executablePath: string;
  /** Environment variables that it needs in addition to those of this process. */
  readonly env: Record<string, string>;
}

export interface FirefoxOptions {
  readonly headless?: boolean;
  readonly args?: string[];
  /** Show the browser's own stdout and stderr. */
  readonly dumpio?: boolean;
}

/** The first with WebGPU, on Windows; elsewhere the preferences below switch it on. */
const OLDEST = 141;

const PREFERENCES = {
  'dom.webgpu.enabled': true,
  'dom.webgpu.workers.enabled': true,
  'gfx.webgpu.ignore-blocklist': true, // software adapters
  'gfx.webgpu.force-enabled': true,
  'dom.max_script_run_time': 0, // no dialog that asks whether to stop a slow script
};

/** Debian's Firefox, unpacked here. */
const OWN = join(browserCache, 'firefox');
/** Firefox's home folder. It refuses to run where HOME is another user's, and leaves caches there. */
const HOME = join(browserCache, 'firefox-home');

/** The Firefox to use: the one named in the environment, an installed one, or one that was installed here before. */
export async function findFirefox(): Promise<FoundFirefox | undefined> {
  const named = process.env.NEURITE_FIREFOX;
  if (named) {
    if (!existsSync(named)) throw new Error(`NEURITE_FIREFOX names ${named}, which does not exist`);
    return { executablePath: named, env: {} };
  }
  const installed = [...firefoxes(), await downloaded()].filter((path) => !isSnap(path));
  return [...installed.map((executablePath) => ({ executablePath, env: {} })), fromDebian()].find(works);
}

/**
 * The Firefox to use, or one that is installed now.
 * @throws Error whose message, one line, says why there is none
 */
export async function findOrInstallFirefox({ log = console.error }: { log?: Log } = {}): Promise<FoundFirefox> {
  const found = await findFirefox();
  if (found) return found;
  const problems: string[] = [];
  for (const [name, install] of [
    ["Debian's package firefox-esr", () => installFromDebian('firefox-esr', OWN, log)],
    ["puppeteer's own download", () => download(log)],
  ] as const) {
    try {
      await install();
      const installed = await findFirefox();
      if (installed) return installed;
      problems.push(`${name} (it does not run here)`);
    } catch (error) {
      problems.push(`${name} (${(error as Error).message.trim().split('\n')[0]})`);
    }
  }
  throw new Error(
    `no Firefox of version ${OLDEST} or later found, and none could be installed; tried ${problems.join(' and ')}. ` +
      'Install one, or set NEURITE_FIREFOX to an executable.',
  );
}

/** Firefox with WebGPU on. The caller closes it. */
export async function launchFirefox(found: FoundFirefox, options: FirefoxOptions = {}): Promise<Browser> {
  const { default: puppeteer } = await import('puppeteer');
  mkdirSync(HOME, { recursive: true });
  const libraries = [found.env.LD_LIBRARY_PATH, vulkanLoader(), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: found.executablePath,
    env: {
      ...process.env,
      ...(process.platform === 'linux' ? { HOME, ...softwareDriver() } : {}),
      ...found.env,
      ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}),
    },
    extraPrefsFirefox: PREFERENCES,
    headless: options.headless ?? true,
    args: options.args ?? [],
    dumpio: options.dumpio ?? false,
    protocolTimeout: 0, // a training run may keep one evaluate() waiting for minutes
  });
}

function works({ executablePath, env }: FoundFirefox): boolean {
  const version = versionOf(executablePath, { ...process.env, ...env });
  const major = Number(/Firefox (\d+)/.exec(version ?? '')?.[1]);
  return version !== undefined && !(major < OLDEST);
}

/** Ubuntu's Firefox is a snap, which sees no profile in the folder for temporary files. */
function isSnap(path: string): boolean {
  return path.startsWith('/snap/') || (existsSync(path) && readFileSync(path).subarray(0, 4096).includes('/snap/'));
}

function fromDebian(): FoundFirefox {
  return {
    executablePath: join(OWN, 'usr/lib/firefox-esr/firefox-esr'),
    env: { LD_LIBRARY_PATH: libraryFolders(OWN).join(':') },
  };
}

/** Where puppeteer's own download of Firefox lies (.puppeteerrc.cjs puts it under .browser/), or would lie. */
async function downloaded(): Promise<string> {
  const { default: puppeteer } = await import('puppeteer');
  try {
    return await puppeteer.executablePath({ browser: 'firefox' });
  } catch {
    return '';
  }
}

function download(log: Log): void {
  log('no Firefox found: downloading it into .browser/');
  const cli = join(root, 'node_modules/puppeteer/lib/cjs/puppeteer/node/cli.js');
  const options = { cwd: root, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(process.execPath, [cli, 'browsers', 'install', 'firefox'], options);
  if (status !== 0) throw new Error(stderr);
}

/** Chromium's driver, if there is no GPU and no driver is named. */
function softwareDriver(): Record<string, string> {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const gpus = existsSync('/dev/dri') ? readdirSync('/dev/dri').filter((name) => name.startsWith('render')) : [];
  const manifest = swiftShader();
  if (VK_DRIVER_FILES || VK_ICD_FILENAMES || gpus.length > 0 || existsSync('/dev/nvidiactl') || !manifest) return {};
  return { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest };
}

/** A folder that contains only Chromium's Vulkan loader, for systems without a loader. */
function vulkanLoader(): string | undefined {
  const name = 'libvulkan.so.1';
  const [own] = vulkanLoaders();
  const folders = ['x86_64-linux-gnu', 'aarch64-linux-gnu', ''].flatMap((arch) => [
    join('/usr/lib', arch),
    join('/usr/local/lib', arch),
  ]);
  if (!own || [...folders, '/usr/lib64'].some((folder) => existsSync(join(folder, name)))) return undefined;
  const folder = join(HOME, 'lib');
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, name), { force: true });
  symlinkSync(own, join(folder, name));
  return folder;
}

async function main(): Promise<void> {
  const found = await findOrInstallFirefox();
  if (process.argv.includes('--adapter')) await printAdapter(() => launchFirefox(found));
  else console.log(found.executablePath);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
