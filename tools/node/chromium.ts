/** Finds the software GPU (SwiftShader) and the Vulkan loader that are part of every Chromium on Linux. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { browserCache, chromes } from '../installed.ts';
import { type FoundGpu, findGpu } from './gpu.ts';

const MANIFEST = 'vk_swiftshader_icd.json';

/** Folders with a SwiftShader: of the browser that is named or was installed here, and of installed ones. */
export function swiftShaderFolders(): string[] {
  const { NEURITE_BROWSER, PUPPETEER_EXECUTABLE_PATH } = process.env;
  const executables = [NEURITE_BROWSER, PUPPETEER_EXECUTABLE_PATH, ...chromes()];
  const folders = executables.flatMap((file) => (file && existsSync(file) ? [dirname(realpathSync(file))] : []));
  const cached = existsSync(browserCache) ? readdirSync(browserCache, { recursive: true, encoding: 'utf8' }) : [];
  const own = cached.filter((file) => file.endsWith(MANIFEST)).map((file) => dirname(join(browserCache, file)));
  const shared = ['/usr/lib/chromium', '/usr/lib/chromium-browser']; // there, what is on the PATH is a script
  return [...new Set([...own, ...folders, ...shared])].filter((folder) => existsSync(join(folder, MANIFEST)));
}

/** The manifest of a SwiftShader. */
export function swiftShader(): string | undefined {
  const [folder] = swiftShaderFolders();
  return folder && join(folder, MANIFEST);
}

/** A Vulkan loader to take along or to fall back on. */
export function vulkanLoaders(): string[] {
  return swiftShaderFolders()
    .map((folder) => join(folder, 'libvulkan.so.1'))
    .filter((file) => existsSync(file));
}

/**
 * The machine's GPU; without one, the software driver of the system (Mesa's computes faster), else SwiftShader.
 * @param options.quickToCompile SwiftShader before the system's software: Mesa takes seconds to compile a kernel
 * @throws NoGpuError
 */
export function nodeGpu({ quickToCompile = false } = {}): Promise<FoundGpu> {
  return findGpu({
    ownSoftwareFirst: quickToCompile,
    loaders: vulkanLoaders(),
    drivers: swiftShaderFolders().map((folder) => ({
      name: `SwiftShader in ${folder}`,
      manifest: join(folder, MANIFEST),
    })),
    remedy: 'Or let `npx tsx tools/browser.ts` install Chromium, whose SwiftShader computes on the CPU.',
  });
}
