/** The GPU, or what is missing. */
export type Machine =
  | { state: 'asking' }
  | {
      state: 'ready';
      /** One line: vendor, architecture. */
      description: string;
      /** Computes on the CPU. */
      software: boolean;
      vendor: string;
      architecture: string;
      features: string[];
      limits: Record<string, number>;
      /** Times of single dispatches can be measured. */
      timestamps: boolean;
    }
  /** `webgpu`: the browser does not know it; `adapter`: it does, but finds no GPU that it may use. */
  | { state: 'missing'; what: 'webgpu' | 'adapter'; message: string };

/** What is known before a GPU was asked for: without WebGPU all, at once, so that nothing moves when it is said. */
export const machineAtFirst = (): Machine =>
  globalThis.navigator?.gpu // tests in Node have no navigator
    ? { state: 'asking' }
    : { state: 'missing', what: 'webgpu', message: 'It does not know WebGPU (navigator.gpu).' };
