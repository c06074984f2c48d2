/** Set up before each test file that runs in Node: `navigator.gpu`, as in a page, from a Dawn that leaves the CPU to the driver. */
import { nodeGpu } from '../../tools/node/chromium.ts';

const { setTimeout } = globalThis;

/**
 * Dawn asks in every turn of the event loop whether work has ended, by the global `setImmediate`. That keeps one core busy, which
 * a software adapter needs to compute. Every millisecond is often enough.
 */
function pollSlowly(): void {
  const slow = (callback: (...args: unknown[]) => void, ...args: unknown[]) => setTimeout(callback, 1, ...args);
  Object.assign(globalThis, { setImmediate: slow });
}

if (!globalThis.navigator?.gpu) {
  const { gpu } = await nodeGpu({ quickToCompile: true });
  const { navigator = {} } = globalThis; // absent in Node 20
  Object.defineProperty(navigator, 'gpu', { value: gpu });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  pollSlowly();
}
