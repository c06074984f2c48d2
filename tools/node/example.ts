/** Runs the example for Node in this process, with the engine's sources. */
import { join, resolve } from 'node:path';
import { runnerImport } from 'vite';
import { nodeGpu } from './chromium.ts';
import { NoGpuError } from './gpu.ts';

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
  // Shaders are imported as text, which Vite does and Node alone does not.
  await runnerImport(file, {
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: { 'neurite/tensorboard': join(root, 'src/tensorboard/index.ts'), neurite: join(root, 'src/index.ts') },
    },
  });
  return 0;
}
