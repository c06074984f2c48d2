/**
 * WebGPU's types for the package's declarations: those of the program where it has them, be it from TypeScript's own library
 * (6.0 and later) or from @webgpu/types, and stand-ins where it has none. So the package needs no other one, and a program
 * meets no second declaration. `npm run build` imports these names where a declaration uses them; the sources use the global ones.
 */
type Global<Name extends string, Otherwise> = Name extends keyof typeof globalThis
  ? (typeof globalThis)[Name] extends { readonly prototype: infer Type }
    ? Type
    : Otherwise
  : Otherwise;

export type GPU = Global<'GPU', { requestAdapter(): Promise<unknown> }>;
export type GPUDevice = Global<
  'GPUDevice',
  { readonly limits: Readonly<Record<string, number>>; readonly lost: Promise<unknown>; destroy(): void }
>;
export type GPUAdapterInfo = Global<
  'GPUAdapterInfo',
  { readonly vendor: string; readonly architecture: string; readonly device: string; readonly description: string }
>;
// Without types nothing can be done with these but to hand them on.
export type GPUBuffer = Global<'GPUBuffer', object>;
export type GPUBindGroupLayout = Global<'GPUBindGroupLayout', object>;
export type GPUCommandEncoder = Global<'GPUCommandEncoder', object>;
export type GPUComputePassEncoder = Global<'GPUComputePassEncoder', object>;
export type GPUComputePipeline = Global<'GPUComputePipeline', object>;
// No classes, so no program has a global value of them.
export type GPUComputePassDescriptor = object;
export type GPUBufferUsageFlags = number;
export type GPUPowerPreference = 'low-power' | 'high-performance';
