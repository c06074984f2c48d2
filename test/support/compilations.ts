/** What a device compiles. */
import type { Device } from '../../src/index.ts';

/** Counts the pipelines and shader modules that a device makes from now on; of those that JavaScript still holds it knows, too. */
export function countCompilations({ gpu }: Device): {
  pipelines: () => number;
  modules: () => number;
  held: () => number;
} {
  const { createComputePipelineAsync, createShaderModule } = gpu;
  const made: WeakRef<object>[] = [];
  let [pipelines, modules] = [0, 0];
  gpu.createComputePipelineAsync = async (descriptor) => {
    pipelines++;
    const pipeline = await createComputePipelineAsync.call(gpu, descriptor);
    made.push(new WeakRef(pipeline));
    return pipeline;
  };
  gpu.createShaderModule = (descriptor) => {
    modules++;
    const module = createShaderModule.call(gpu, descriptor);
    made.push(new WeakRef(module));
    return module;
  };
  return {
    pipelines: () => pipelines,
    modules: () => modules,
    held: () => made.filter((one) => one.deref()).length,
  };
}
