/**
 * `npx tsx tools/landing.ts`: trains the network that the landing page shows where there is no WebGPU, and writes it to
 * demo/landing/stored.json. Needed after a change of the network, its training, or the simulated pictures.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeGpu } from './node/chromium.ts';
import { importWithEngine } from './node/importWithEngine.ts';

const root = resolve(import.meta.dirname, '..');
const { gpu } = await nodeGpu();
const { train } = await importWithEngine<typeof import('../demo/landing/store.ts')>(
  join(root, 'demo/landing/store.ts'),
);
writeFileSync(join(root, 'demo/landing/stored.json'), `${JSON.stringify(await train(gpu))}\n`);
process.exit(0); // Dawn's threads would keep it
