const { setTimeout } = globalThis;

/**
 * Dawn asks in every turn of the event loop whether work has ended, by the global `setImmediate`. That keeps one core busy, which
 * a software adapter needs to compute. Every millisecond is often enough.
 */
export function pollSlowly(): void {
  const slow = (callback: (...args: unknown[]) => void, ...args: unknown[]) => setTimeout(callback, 1, ...args);
  Object.assign(globalThis, { setImmediate: slow });
}
