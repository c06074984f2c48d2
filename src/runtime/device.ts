import { ArgumentError, DeviceError, NeuriteError, StateError, shown } from '../errors.ts';
import type { Target } from '../graph.ts';
import { checkOneOf, checkOptions, type Kind } from '../options.ts';
import { type HostArray, ordinary } from '../tensor.ts';
import { answered } from './answered.ts';
import { DevicePolling } from './devicePolling.ts';
import { PipelineCache } from './pipelines.ts';
import type { TuningReport } from './tuning.ts';

export interface DeviceOptions {
  /** Which adapter a machine with two GPUs should give; a hint. Default `high-performance`. */
  readonly powerPreference?: GPUPowerPreference;
  /**
   * What to ask for an adapter. Default `navigator.gpu`. Under Node, where there is none: `create([])` of the npm package
   * `webgpu`, whose `globals` must be global (`Object.assign(globalThis, globals)`).
   */
  readonly gpu?: GPU;
}

/** What they may be. */
export const DEVICE_OPTIONS = { powerPreference: 'any', gpu: 'object' } as const satisfies Record<
  keyof DeviceOptions,
  Kind
>;

/** Features that are asked for where the adapter has them. */
const OPTIONAL_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups'];

/** Limits that are raised to what the adapter can do; the rest stay at WebGPU's defaults, which every device has. */
const RAISED_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

/** A browser may say so much later that a device is lost than its buffers are unmapped: Firefox when it looks, every 100 ms. */
export const LOSS_TOLD_MS = 500;

/** A GPU device with what the engine keeps for it: compiled pipelines, a count of buffers, errors nobody caught. */
export class Device {
  readonly gpu: GPUDevice;
  /** Where the device came from. Dawn under Node frees what it lives on when this object is collected. */
  readonly provider: GPU | undefined;
  readonly pipelines: PipelineCache;
  /** Buffers created so far; steady training adds none. */
  buffersCreated = 0;
  /** Messages of `uncapturederror` events: validation errors are bugs of the engine, never of its user. */
  readonly errors: string[] = [];
  /** What was measured on this device to choose kernels; what earlier visits measured and is remembered is not in it. */
  tuning: TuningReport = { measurements: [], milliseconds: 0 };
  readonly #software: boolean;
  readonly #powerPreference: GPUPowerPreference;
  readonly #nudge: DevicePolling | undefined;
  #lost: string | undefined;
  #destroyed = false;
  #firstError: ((error: DeviceError) => void)[] = [];
  readonly #hear = ({ error }: GPUUncapturedErrorEvent): void => {
    this.errors.push(error.message);
    console.error(`neurite: WebGPU error: ${error.message}`);
    // A buffer that could not be had computes nothing, silently: no result of this device can be relied on any more.
    if (isOutOfMemory(error)) this.#lose(`out of memory: ${error.message}`);
  };

  /** By what they were made of. */
  static readonly #known = new WeakMap<GPUDevice, Device>();

  /** That of a GPUDevice, one for all who give it. */
  static of(given: Device | GPUDevice): Device {
    return given instanceof Device ? given : (Device.#known.get(given) ?? new Device(given));
  }

  /** @throws ArgumentError unless it is one that the engine can use, or undefined */
  static check(what: string, given: Device | GPUDevice | undefined | null): void {
    if (given === undefined || given instanceof Device) return;
    // A Device of another copy of the engine has no such method.
    if (typeof (given as Partial<GPUDevice> | null)?.createShaderModule !== 'function') {
      throw new ArgumentError(
        `${what}: device must come from requestDevice(), or be a GPUDevice, got ${shown(given)}.`,
      );
    }
  }

  constructor(gpu: GPUDevice, provider?: GPU, powerPreference: GPUPowerPreference = 'high-performance') {
    checkGlobals();
    this.gpu = gpu;
    Device.#known.set(gpu, this);
    this.#powerPreference = powerPreference;
    this.provider = provider;
    this.pipelines = new PipelineCache(gpu);
    this.#nudge = DevicePolling.needed ? new DevicePolling(gpu.queue) : undefined;
    const { vendor, architecture, description } = gpu.adapterInfo;
    const fallback = (gpu.adapterInfo as { isFallbackAdapter?: boolean }).isFallbackAdapter;
    this.#software = fallback ?? /swiftshader|llvmpipe|lavapipe/i.test(`${vendor} ${architecture} ${description}`);
    gpu.addEventListener('uncapturederror', this.#hear);
    gpu.lost.then(({ reason, message }) => this.#lose(`${reason}: ${message}`));
  }

  /** Why the device is of no use any more: lost, out of memory, or destroyed. Undefined: it is alive. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Whether `destroy` was called: it is gone because somebody wanted it so. */
  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** Where another one can come from. Undefined: a GPUDevice that was made elsewhere, and no `navigator.gpu`. */
  get source(): GPU | undefined {
    return this.provider ?? browserGpu();
  }

  /**
   * Another device in the place of one that was lost: from the same provider, with the same features and limits, where the adapter has
   * them, so that the same kernels compute the same bits.
   * @throws DeviceError where there is no adapter
   */
  async again(): Promise<Device> {
    const { features, limits } = this.gpu;
    return deviceFrom(this.provider, this.#powerPreference, {
      feature: (name) => features.has(name),
      limit: (name, most) => Math.min(most, limits[name]),
    });
  }

  /** Whether the adapter computes on the CPU (SwiftShader, llvmpipe). */
  get isSoftware(): boolean {
    return this.#software;
  }

  /** What kernels are chosen for. */
  get target(): Target {
    return { software: this.#software, features: this.gpu.features };
  }

  /** One line for people: vendor, architecture, and whether it is software. */
  get description(): string {
    const { vendor, architecture, description, device } = this.gpu.adapterInfo;
    const name = [vendor, architecture, description || device].filter(Boolean).join(' ') || 'unnamed adapter';
    return this.#software ? `${name} (software adapter, computes on the CPU)` : name;
  }

  /** @throws DeviceError where the device was lost, or cannot hold a buffer of this size. */
  createBuffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    this.checkAlive();
    const limit = Math.min(
      this.gpu.limits.maxBufferSize,
      usage & GPUBufferUsage.STORAGE ? this.gpu.limits.maxStorageBufferBindingSize : Number.POSITIVE_INFINITY,
    );
    if (bytes > limit) {
      throw new DeviceError(
        `${label} needs a buffer of ${bytes} bytes; this device allows ${limit}. Use a smaller batch.`,
      );
    }
    this.buffersCreated++;
    return this.gpu.createBuffer({ label, size: Math.ceil(bytes / 4) * 4, usage });
  }

  /** Overwrites a part of a buffer. What is given may be any memory, and is the caller's again at once. */
  write(buffer: GPUBuffer, offset: number, data: HostArray): void {
    // Dawn under Node ends the process at shared memory; browsers refuse it, or resizable one, by their version.
    this.gpu.queue.writeBuffer(buffer, offset, ordinary(data) as Float32Array<ArrayBuffer>);
  }

  /** @throws DeviceError once the device is lost. */
  checkAlive(): void {
    if (this.#lost !== undefined) throw this.#lostError();
  }

  /** Waits for `work`, but no longer than the device lives: a lost device never answers some promises. */
  async whileAlive<T>(work: Promise<T>): Promise<T> {
    this.checkAlive();
    let reject: ((error: DeviceError) => void) | undefined;
    const lost = new Promise<never>((_, fail) => {
      reject = fail;
      this.#firstError.push(fail);
    });
    try {
      return await Promise.race([work, lost]);
    } catch (error) {
      // A map or a compilation that fails because the device went away is told as what it is, though it may fail a moment before.
      if (this.#lost === undefined && (!(error instanceof NeuriteError) || error instanceof DeviceError))
        await Promise.race([this.gpu.lost, new Promise((r) => setTimeout(r, LOSS_TOLD_MS))]);
      this.checkAlive();
      throw error;
    } finally {
      this.#firstError = this.#firstError.filter((other) => other !== reject);
    }
  }

  /**
   * Waits for the end of work on the GPU (a map, `onSubmittedWorkDone`), no longer than the device lives.
   * @param freed whether its buffer was destroyed on purpose: a map that fails for this does not wait for the device's loss to be told
   * @throws StateError for such a map
   */
  ended<T>(work: Promise<T>, freed = () => false): Promise<T> {
    const told = this.whileAlive(
      work.catch((cause) => {
        throw freed() ? new StateError('readback: its buffer was freed meanwhile.', { cause }) : cause;
      }),
    );
    return this.#nudge ? this.#nudge.until(told) : told;
  }

  /** Destroys the GPU device and with it every buffer of every model on it. It is not replaced, as one that was lost is. */
  destroy(): void {
    this.#destroyed = true;
    this.#lose('destroyed: Device.destroy was called'); // a browser may say so later, Firefox after 100 ms
  }

  #lose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    // Whoever uses it hears of the loss. Dawn under Node keeps a listener for ever, and with it the device and its threads.
    this.gpu.removeEventListener('uncapturederror', this.#hear);
    this.gpu.destroy();
    for (const reject of this.#firstError) reject(this.#lostError());
    this.#firstError = [];
  }

  #lostError(): DeviceError {
    return new DeviceError(`the GPU device was lost (${this.#lost}). Request a new device and build the model again.`);
  }
}

/**
 * Asks the browser, or `options.gpu`, for a GPU.
 * @throws DeviceError without WebGPU or without an adapter, where the message says how to get one, or without an answer in a minute
 * @throws ArgumentError for options that do not exist or make no sense
 */
export async function requestDevice(options: DeviceOptions = {}): Promise<Device> {
  checkOptions('requestDevice', options, DEVICE_OPTIONS);
  const { powerPreference = 'high-performance', gpu } = options;
  if (gpu && typeof gpu.requestAdapter !== 'function') {
    throw new ArgumentError(`requestDevice: gpu must be a GPU, as navigator.gpu is, got ${shown(gpu)}.`);
  }
  checkOneOf('requestDevice', 'powerPreference', powerPreference, ['high-performance', 'low-power']);
  return deviceFrom(gpu, powerPreference, {
    feature: () => true,
    limit: (_, most) => most,
  });
}

/** What to ask an adapter for, of what it has. */
interface Wishes {
  feature(name: GPUFeatureName): boolean;
  limit(name: (typeof RAISED_LIMITS)[number], most: number): number;
}

async function deviceFrom(
  provider: GPU | undefined,
  powerPreference: GPUPowerPreference,
  wishes: Wishes,
): Promise<Device> {
  const gpu = provider ?? browserGpu();
  if (!gpu) throw new DeviceError(isNode() ? NO_WEBGPU_IN_NODE : NO_WEBGPU);
  checkGlobals();
  const adapter = await answered(gpu.requestAdapter({ powerPreference }), 60);
  if (!adapter) throw new DeviceError(isNode() ? NO_ADAPTER_IN_NODE : NO_ADAPTER);
  const requiredLimits = Object.fromEntries(
    RAISED_LIMITS.map((name) => [name, wishes.limit(name, adapter.limits[name])]),
  );
  const requiredFeatures = OPTIONAL_FEATURES.filter((name) => adapter.features.has(name) && wishes.feature(name));
  const requested = adapter.requestDevice({ label: 'neurite', requiredLimits, requiredFeatures });
  const device = await answered(requested, 60, (late) => late.destroy());
  return new Device(device, gpu, powerPreference);
}

/** @throws DeviceError under Node, where somebody has to make them global */
function checkGlobals(): void {
  if (typeof GPUBufferUsage !== 'undefined') return;
  throw new DeviceError(
    'there is a GPU, but the constants of WebGPU (GPUBufferUsage, …) are no globals. With the npm package webgpu: ' +
      'Object.assign(globalThis, globals).',
  );
}

function browserGpu(): GPU | undefined {
  return (globalThis.navigator as Navigator | undefined)?.gpu;
}

function isOutOfMemory(error: GPUError): boolean {
  return typeof GPUOutOfMemoryError !== 'undefined' && error instanceof GPUOutOfMemoryError;
}

const NO_WEBGPU =
  'this environment has no WebGPU (navigator.gpu is missing). Use Chrome or Edge 113+, Safari 26+ or Firefox 141+, ' +
  'on a page served by https or from localhost.';

const NO_WEBGPU_IN_NODE =
  'Node has no WebGPU of its own. Install the npm package webgpu, make what it exports as globals global ' +
  '(Object.assign(globalThis, globals)) and pass its GPU: requestDevice({ gpu: create([]) }), which gives the device that compile, loadModel and resume take.';

const NO_ADAPTER =
  'WebGPU is there, but no adapter: no GPU driver that it supports. In Chrome, --enable-unsafe-webgpu ' +
  '(chrome://flags/#enable-unsafe-webgpu) allows the software adapter.';

const NO_ADAPTER_IN_NODE =
  'WebGPU is there, but no adapter: no GPU driver that it supports. On Linux it needs a Vulkan driver and the Vulkan ' +
  'loader (libvulkan.so.1); VK_DRIVER_FILES names the manifest of a driver in another place.';

function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}
