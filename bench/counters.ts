/** Counts the WebGPU calls of any library, by wrapping the methods of WebGPU's prototypes. */

export interface Counts {
  readonly dispatches: number;
  readonly passes: number;
  readonly submits: number;
  readonly buffersCreated: number;
  readonly bufferWrites: number;
  readonly pipelines: number;
}

export interface Counters {
  /** Since the last call, or since the counters were made. */
  take(): Counts;
  /** The most bytes that buffers, staging included, held at once so far. */
  readonly peakBytes: number;
  /** When, and for how long, pipelines compiled and work was submitted. */
  readonly events: Events;
}

export interface Events {
  /** Time of the first shader module, in milliseconds since the page began; undefined before there is one. */
  readonly firstModule: number | undefined;
  /** Milliseconds during which one or more pipelines were compiling. */
  readonly compiling: number;
  readonly lastSubmit: number | undefined;
}

const ZERO = { dispatches: 0, passes: 0, submits: 0, buffersCreated: 0, bufferWrites: 0, pipelines: 0 };

/** Wraps the prototypes, once in a page, before any library runs. Without WebGPU, all counts stay 0. */
export function installCounters(): Counters {
  let counts = { ...ZERO };
  let [alive, peakBytes] = [0, 0];
  let firstModule: number | undefined;
  let lastSubmit: number | undefined;
  let [compiling, pending, since] = [0, 0, 0];
  const ended = () => {
    pending--;
    if (pending === 0) compiling += performance.now() - since;
  };
  const began = () => {
    if (pending === 0) since = performance.now();
    pending++;
    counts.pipelines++;
  };
  if (typeof GPUDevice !== 'undefined') {
    const sizes = new WeakMap<GPUBuffer, number>();
    around(GPUDevice.prototype, 'createBuffer', (call) => {
      const buffer = call() as GPUBuffer;
      counts.buffersCreated++;
      sizes.set(buffer, buffer.size);
      alive += buffer.size;
      peakBytes = Math.max(peakBytes, alive);
      return buffer;
    });
    around(GPUBuffer.prototype, 'destroy', (call, buffer) => {
      alive -= sizes.get(buffer) ?? 0;
      sizes.delete(buffer); // a second time does nothing
      return call();
    });
    around(GPUDevice.prototype, 'createShaderModule', (call) => {
      firstModule ??= performance.now();
      return call();
    });
    around(GPUDevice.prototype, 'createComputePipeline', (call) => {
      began();
      const pipeline = call();
      ended();
      return pipeline;
    });
    around(GPUDevice.prototype, 'createComputePipelineAsync', (call) => {
      began();
      return (call() as Promise<GPUComputePipeline>).finally(ended);
    });
    count(GPUCommandEncoder.prototype, 'beginComputePass', () => counts.passes++);
    count(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => counts.dispatches++);
    count(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => counts.dispatches++);
    count(GPUQueue.prototype, 'writeBuffer', () => counts.bufferWrites++);
    count(GPUQueue.prototype, 'submit', () => {
      counts.submits++;
      lastSubmit = performance.now();
    });
  }
  return {
    take() {
      const taken = counts;
      counts = { ...ZERO };
      return taken;
    },
    get peakBytes() {
      return peakBytes;
    },
    get events() {
      return { firstModule, compiling, lastSubmit };
    },
  };
}

/** Replaces a method by one that does something around it. */
function around<T extends object>(
  prototype: T,
  name: keyof T & string,
  wrap: (call: () => unknown, self: T) => unknown,
): void {
  const original = prototype[name] as (...args: unknown[]) => unknown;
  const replacement = function (this: T, ...args: unknown[]) {
    return wrap(() => original.apply(this, args), this);
  };
  Object.defineProperty(prototype, name, { value: replacement, configurable: true, writable: true });
}

function count<T extends object>(prototype: T, name: keyof T & string, add: () => void): void {
  around(prototype, name, (call) => {
    add();
    return call();
  });
}
