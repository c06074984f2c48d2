import { join, resolve } from 'node:path';
import { runnerImport } from 'vite';
import { nodeGpu } from '../node/chromium.ts';
import { NoGpuError } from '../node/gpu.ts';
import type { Printer } from './printer.ts';
import type { TrainOutcome, TrainRequest } from './protocol.ts';
import { RunError } from './stops.ts';

const root = resolve(import.meta.dirname, '../..');

/** Does the work in this process. @param files receives the resulting files */
export async function trainInNode(
  request: TrainRequest,
  recoveredFolder: string,
  files: Map<string, Uint8Array>,
  printer: Printer,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const { gpu } = await nodeGpu().catch((error) => {
    throw error instanceof NoGpuError ? new RunError(error.message) : error;
  });
  // Shaders are imported as text, which Vite does and Node alone does not.
  const { module } = await runnerImport<typeof import('./work/training.ts')>(
    join(import.meta.dirname, 'work/training.ts'),
    {
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { 'neurite/brain': join(root, 'src/brain/index.ts'), neurite: join(root, 'src/index.ts') } },
    },
  );
  return module.outcomeOfTraining(request, {
    gpu,
    dataFile: (name) => join(request.data!, name),
    recoveredFile: (name) => join(recoveredFolder, name),
    async save(name, bytes) {
      files.set(name, bytes);
    },
    report: (event) => printer.event(event),
    signal,
  });
}
