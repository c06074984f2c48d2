/** Bytes of JavaScript's heap that are in use, after a garbage collection. */
export async function usedHeap(): Promise<number> {
  if (typeof window !== 'undefined') {
    const { commands } = await import('vitest/browser');
    return commands.usedHeap();
  }
  const { collectGarbage } = await import('./effort.ts');
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20)); // what promises and finalizers still hold
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}
