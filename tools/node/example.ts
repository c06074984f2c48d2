/** Runs the example for Node in this process, with the engine's sources. */
import { join, resolve } from 'node:path';
import { nodeGpu } from './chromium.ts';
import { NoGpuError } from './gpu.ts';
import { importWithEngine } from './importWithEngine.ts';

const root = resolve(import.meta.dirname, '../..');

/** @param args its own @returns the exit code */
export async function runExampleInNode(args: readonly string[]): Promise<number> {
  const file = join(root, 'examples/node/main.ts');
  try {
    // The example asks Dawn for a GPU as a user's program does. Where the system has no driver, Dawn finds the one that is found here.
    const { manifest } = await nodeGpu();
    if (manifest) process.env.VK_DRIVER_FILES = manifest;
  } catch (error) {
    if (!(error instanceof NoGpuError)) throw error;
    console.error(error.message);
    return 1;
  }
  process.argv = [process.argv[0]!, file, ...args];
  await importWithEngine(file);
  return 0;
}
