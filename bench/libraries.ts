/** The libraries that are measured beside the engine, the fast ones first. */
export interface Library {
  /** `library/backend` */
  readonly name: string;
  readonly backend: string;
  /** Its page is bench/page/<page>.ts. */
  readonly page: 'neurite' | 'jax' | 'tensorflow';
  /** Whether its buffers can be counted. */
  readonly webgpu: boolean;
  /** Why its GPU memory is not reported. */
  readonly noMemory?: string;
}

export const NEURITE: Library = { name: 'neurite', backend: 'webgpu', page: 'neurite', webgpu: true };

export const PEERS: readonly Library[] = [
  { name: 'jax-js/wasm', backend: 'wasm', page: 'jax', webgpu: false, noMemory: 'computes on the CPU' },
  { name: 'jax-js/webgpu', backend: 'webgpu', page: 'jax', webgpu: true },
  { name: 'tfjs/webgl', backend: 'webgl', page: 'tensorflow', webgpu: false },
  { name: 'tfjs/cpu', backend: 'cpu', page: 'tensorflow', webgpu: false, noMemory: 'computes on the CPU' },
  { name: 'tfjs/webgpu', backend: 'webgpu', page: 'tensorflow', webgpu: true },
];

/** The bundle whose size has a target. */
export const WHOLE_ENGINE = 'neurite, whole engine';
