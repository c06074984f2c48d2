import { join } from 'node:path';
import { nodeGpu } from '../node/chromium.ts';
import { NoGpuError } from '../node/gpu.ts';
import { importWithEngine } from '../node/importWithEngine.ts';
import type { Printer } from './printer.ts';
import type { TrainOutcome, TrainRequest } from './protocol.ts';
import { RunError } from './stops.ts';

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
  const work = join(import.meta.dirname, 'work/training.ts');
  const { outcomeOfTraining } = await importWithEngine<typeof import('./work/training.ts')>(work);
  return outcomeOfTraining(request, {
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
