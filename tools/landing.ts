/**
 * `npx tsx tools/landing.ts`: trains the network that the landing page shows where there is no WebGPU, and writes it to
 * demo/landing/stored.json. Needed after a change of the network, its training, or the simulated pictures.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runnerImport } from 'vite';
import { nodeGpu } from './node/chromium.ts';

const root = resolve(import.meta.dirname, '..');
const { gpu } = await nodeGpu();
// Shaders are imported as text, which Vite does and Node alone does not.
const { module } = await runnerImport<typeof import('../demo/landing/store.ts')>(join(root, 'demo/landing/store.ts'), {
  configFile: false,
  logLevel: 'error',
  resolve: { alias: { 'neurite/brain': join(root, 'src/brain/index.ts'), neurite: join(root, 'src/index.ts') } },
});
writeFileSync(join(root, 'demo/landing/stored.json'), `${JSON.stringify(await module.train(gpu))}\n`);
process.exit(0); // Dawn's threads would keep it
