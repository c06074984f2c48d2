/**
 * WebGPU under Node: the npm package `webgpu` (Dawn), and a driver for it.
 *
 * If the user names a driver (VK_DRIVER_FILES, VK_ICD_FILENAMES), it is used. Otherwise the drivers of the system and
 * those of the caller are tried: the first with real hardware is used, or else the first that works.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** There is no GPU. The message, one line, says how to get one. */
export class NoGpuError extends Error {
  override name = 'NoGpuError';
}

export interface FoundGpu {
  readonly gpu: GPU;
  /** Origin of the driver, for messages. */
  readonly driver: string;
  /** That of the driver, where the system does not know it by itself. */
  readonly manifest?: string | undefined;
}

/** Manifest of a Vulkan driver. */
export interface Driver {
  readonly name: string;
  readonly manifest: string;
}

type Dawn = typeof import('webgpu');

export interface GpuSearch {
  /** Files that serve where the system has no Vulkan loader. */
  readonly loaders?: readonly string[];
  /** Drivers to try after the system's. */
  readonly drivers?: readonly Driver[];
  /** Whether, without hardware, these are preferred to the system's software drivers. */
  readonly ownSoftwareFirst?: boolean;
  /** A sentence with further advice, if nothing is found. */
  readonly remedy?: string;
  readonly load?: () => Promise<Dawn>;
}

const LOADER = 'libvulkan.so.1';
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const; // the second is the older name of the first
/** As tools/browser.ts asks of Chrome, and for the same reasons. */
const DAWN_OPTIONS = [
  'disable-dawn-features=timestamp_quantization,use_vulkan_zero_initialize_workgroup_memory_extension',
];
/** glibc's and musl's number of it; Node names the other flags only. */
const RTLD_NODELETE = 0x1000;
const LOADING = constants.dlopen.RTLD_NOW | RTLD_NODELETE;
const ADAPTER_OPTIONS = { powerPreference: 'high-performance' } as const;
/** A driver that has not answered by then hangs, even on a busy machine. */
const TRY_MS = 60_000;

// Dawn goes away with the object that `create` returns, whatever is still in use of it: a hang or an abort.
const kept: GPU[] = [];

/**
 * Makes WebGPU's constants global and finds a GPU.
 * @throws NoGpuError
 */
export async function findGpu(search: GpuSearch = {}): Promise<FoundGpu> {
  const dawn = await loadDawn(search.load ?? (() => import('webgpu')));
  Object.assign(globalThis, dawn.globals);
  if (process.platform !== 'linux') return firstOf(dawn, [{ name: "the system's driver" }], search);
  if (![LOADER, ...(search.loaders ?? [])].some(loadLibrary)) {
    throw new NoGpuError(
      `the Vulkan loader, ${LOADER}, is missing: install it (Debian and Ubuntu: apt install libvulkan1; Fedora: ` +
        `dnf install vulkan-loader).${search.remedy ? ` ${search.remedy}` : ''}`,
    );
  }
  const named = DRIVER_VARIABLES.find((name) => process.env[name]);
  if (named) return firstOf(dawn, [{ name: `${named}=${process.env[named]}` }], search);
  const system = hasSystemDrivers() ? [{ name: "the system's Vulkan driver" }] : [];
  return firstOf(dawn, [...system, ...bareNvidiaDrivers(), ...(search.drivers ?? [])], search);
}

/** @throws NoGpuError that says what is wrong with the package */
async function loadDawn(load: () => Promise<Dawn>): Promise<Dawn> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = message.split('\n')[0];
    if (code === 'ERR_MODULE_NOT_FOUND')
      throw new NoGpuError('the npm package webgpu is not installed: npm install webgpu.');
    if (code === 'MODULE_NOT_FOUND') {
      throw new NoGpuError(
        `the npm package webgpu has no binary for ${process.platform} on ${process.arch}: use a browser there.`,
      );
    }
    throw new NoGpuError(`the npm package webgpu does not load here (on Linux it needs glibc 2.34 or later): ${why}`);
  }
}

/** The kind of hardware that an adapter computes on. */
type Kind = 'hardware' | 'software' | 'none';

/** The first driver with hardware; else the first that works. */
async function firstOf(dawn: Dawn, drivers: readonly Partial<Driver>[], search: GpuSearch): Promise<FoundGpu> {
  let software: (() => Promise<FoundGpu>) | undefined;
  for (const { name, manifest } of drivers) {
    const open = async () => ({ gpu: (await opened(dawn, manifest)).gpu, driver: name!, manifest });
    // Of several, each is tried by itself: one that is of no use writes what is wrong with it, crashes, or leaves its
    // libraries behind.
    if (drivers.length > 1 && !search.load && process.platform === 'linux') {
      const kind = await triedApart(manifest, search.loaders ?? []);
      if (kind === 'hardware') return open();
      if (kind === 'software' && (search.ownSoftwareFirst || !software)) software = open;
      continue;
    }
    const { gpu, kind } = await opened(dawn, manifest);
    if (kind === 'hardware') return { gpu, driver: name!, manifest };
    if (kind === 'software' && (search.ownSoftwareFirst || !software))
      software = async () => ({ gpu, driver: name!, manifest });
  }
  if (software) return software();
  const tried = drivers.length > 0 ? `tried ${drivers.map(({ name }) => name).join(', ')}` : 'there is no driver';
  throw new NoGpuError(
    `no GPU that WebGPU can use (${tried}). On Linux install the GPU's Vulkan driver, or Mesa 23 or later ` +
      `(mesa-vulkan-drivers), which also computes without a GPU.${search.remedy ? ` ${search.remedy}` : ''}`,
  );
}

async function opened(dawn: Dawn, manifest: string | undefined): Promise<{ gpu: GPU; kind: Kind }> {
  const gpu = dawn.create(DAWN_OPTIONS);
  kept.push(gpu);
  // Until Dawn has asked for an adapter, which is when the loader reads it.
  const restore = setEnvironment(environmentFor(manifest));
  const adapter = await gpu.requestAdapter(ADAPTER_OPTIONS);
  restore();
  if (!adapter) return { gpu, kind: 'none' };
  return { gpu, kind: adapter.info.isFallbackAdapter ? 'software' : 'hardware' };
}

/** Variables that drivers read. */
function environmentFor(manifest: string | undefined): Record<string, string> {
  return {
    ...(manifest ? Object.fromEntries(DRIVER_VARIABLES.map((variable) => [variable, manifest])) : {}),
    // Mesa asks Wayland for the display's GPU, and Wayland writes an error where there is no such folder, on a server, say.
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR || tmpdir(),
  };
}

/** @returns puts back what was there before */
function setEnvironment(variables: Record<string, string>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** The code of a process that tries a driver. It is a text, because builds and test runners transform functions. */
const TRY = `
const [webgpu, options, request, loaders, flags] = JSON.parse(process.argv[1]);
for (const file of loaders) {
  try { process.dlopen({ exports: {} }, file, flags); } catch (error) { if (/self-register/.test(error.message)) break; }
}
import(webgpu).then(async ({ create, globals }) => {
  Object.assign(globalThis, globals);
  globalThis.gpu = create(options);
  const adapter = await gpu.requestAdapter(request);
  process.stdout.write(adapter ? (adapter.info.isFallbackAdapter ? 'software' : 'hardware') : 'none');
});`;

/** Tries a driver in a process of its own, whose output is ignored. */
function triedApart(manifest: string | undefined, loaders: readonly string[]): Promise<Kind> {
  const webgpu = pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href;
  const argument = JSON.stringify([webgpu, DAWN_OPTIONS, ADAPTER_OPTIONS, [LOADER, ...loaders], LOADING]);
  const env = { ...process.env, ...environmentFor(manifest), NODE_OPTIONS: '' };
  return new Promise((done) => {
    execFile(process.execPath, ['-e', TRY, argument], { env, timeout: TRY_MS }, (_, stdout) =>
      done(stdout === 'hardware' || stdout === 'software' ? stdout : 'none'),
    );
  });
}

/**
 * Loads a library for the rest of the process, so that later loads by its name get this file.
 * @returns whether it could be loaded
 */
function loadLibrary(file: string): boolean {
  try {
    process.dlopen({ exports: {} }, file, LOADING);
    return true;
  } catch (error) {
    return /self-register/.test((error as Error).message); // loaded, and no addon, which it need not be
  }
}

/** Whether there is a manifest where the Vulkan loader looks. Asked first, because Dawn warns where there is none. */
function hasSystemDrivers(): boolean {
  const { env } = process;
  const list = (value: string | undefined, otherwise: string) => (value || otherwise).split(delimiter);
  const folders = [
    ...list(env.XDG_CONFIG_HOME, join(homedir(), '.config')),
    ...list(env.XDG_CONFIG_DIRS, '/etc/xdg'),
    ...['/etc', '/usr/local/etc', '/run/opengl-driver/share'],
    ...list(env.XDG_DATA_HOME, join(homedir(), '.local/share')),
    ...list(env.XDG_DATA_DIRS, '/usr/local/share:/usr/share'),
  ];
  return folders.some((folder) => {
    try {
      return readdirSync(join(folder, 'vulkan/icd.d')).some((file) => file.endsWith('.json'));
    } catch {
      return false;
    }
  });
}

/**
 * Finds NVIDIA's driver if it has no manifest, or only one of a library that cannot be loaded. Containers and servers
 * often have only the libraries, without X11, which the usual library needs.
 */
function bareNvidiaDrivers(): Driver[] {
  const libraries = ['libGLX_nvidia.so.0', 'libEGL_nvidia.so.0'].filter(loadLibrary);
  if (libraries.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'neurite-vulkan-'));
  return libraries.map((library) => {
    const manifest = join(folder, `${library}.json`);
    const icd = { library_path: library, api_version: '1.3.0' };
    writeFileSync(manifest, JSON.stringify({ file_format_version: '1.0.0', ICD: icd }));
    return { name: library, manifest };
  });
}
