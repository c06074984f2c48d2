/** Bytes of JavaScript's heap that are in use, after a garbage collection. */
export async function usedHeap(): Promise<number> {
  if (typeof window !== 'undefined') {
    const { commands } = await import('vitest/browser');
    return commands.usedHeap();
  }
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20)); // what promises and finalizers still hold
    collect();
  }
  return process.memoryUsage().heapUsed;
}
