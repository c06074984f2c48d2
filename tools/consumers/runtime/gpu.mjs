/** WebGPU where the runtime has none of its own: the npm package webgpu. */
export async function findGpu() {
  if (globalThis.navigator?.gpu) return undefined;
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  return create([]);
}
