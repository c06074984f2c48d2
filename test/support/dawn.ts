/** Set up before each test file that runs in Node: `navigator.gpu`, as in a page, from a Dawn that leaves the CPU to the driver. */
import { nodeGpu } from '../../tools/node/chromium.ts';
import { pollSlowly } from '../../tools/node/pollSlowly.ts';

if (!globalThis.navigator?.gpu) {
  const { gpu } = await nodeGpu({ quickToCompile: true });
  const { navigator = {} } = globalThis; // absent in Node 20
  Object.defineProperty(navigator, 'gpu', { value: gpu });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  pollSlowly();
}
