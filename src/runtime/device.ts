/**
 * The GPU device: how it is requested, how buffers are created and written on it, and how a lost device is noticed.
 * `whileAlive` and `ended` wrap every wait for the GPU, because a lost device leaves some promises unsettled for ever.
 */
import { ArgumentError, DeviceError, NeuriteError, StateError } from '../errors.ts';
import type { Target } from '../graph.ts';
import { checkOptions, type Kind } from '../options.ts';
import { shown } from '../shown.ts';
import { type HostArray, ordinary } from '../tensor.ts';
import { DevicePolling } from './devicePolling.ts';
import { PipelineCache } from './pipelines.ts';
import type { TuningReport } from './tuning.ts';
import { browserGpu, checkAdapterOptions, checkGlobals, requestAdapter } from './webgpu.ts';
import { withTimeout } from './withTimeout.ts';

export interface DeviceOptions {
  /** A hint which adapter to choose on a machine with two GPUs. Default `high-performance`. */
  readonly powerPreference?: GPUPowerPreference;
  /**
   * The `GPU` object that is asked for an adapter. Default `navigator.gpu`. Node has none: pass `create([])` of the npm
   * package `webgpu`, and make its `globals` global (`Object.assign(globalThis, globals)`).
   */
  readonly gpu?: GPU;
}

/** The kind of value that each option takes. */
export const DEVICE_OPTIONS = { powerPreference: 'any', gpu: 'object' } as const satisfies Record<
  keyof DeviceOptions,
  Kind
>;

/** Features that are requested if the adapter has them. */
const OPTIONAL_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups'];

/** Limits that are raised to the adapter's own. The others stay at WebGPU's defaults, which every device supports. */
const RAISED_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

/**
 * Longest time, in milliseconds, between the moment when a lost device unmaps its buffers and the moment when the
 * browser reports the loss. Firefox reports it when it polls, every 100 ms.
 */
export const LOSS_REPORT_MS = 500;

/** A GPU device and what the engine stores with it: compiled pipelines, a count of buffers, uncaptured errors. */
export class Device {
  readonly gpu: GPUDevice;
  /**
   * The `GPU` object that the device came from. It is kept, because Dawn under Node frees what the device depends on
   * when this object is garbage-collected.
   */
  readonly provider: GPU | undefined;
  readonly pipelines: PipelineCache;
  /** Number of buffers created so far. Training creates none after its first steps. */
  buffersCreated = 0;
  /** Messages of `uncapturederror` events. A validation error is a bug of the engine, never of its user. */
  readonly errors: string[] = [];
  /** Measurements made on this device to choose kernels. Those that were loaded from a store are not among them. */
  tuning: TuningReport = { measurements: [], milliseconds: 0 };
  readonly #software: boolean;
  readonly #powerPreference: GPUPowerPreference;
  readonly #polling: DevicePolling | undefined;
  #lost: string | undefined;
  #destroyed = false;
  #firstError: ((error: DeviceError) => void)[] = [];
  readonly #onUncapturedError = ({ error }: GPUUncapturedErrorEvent): void => {
    this.errors.push(error.message);
    console.error(`neurite: WebGPU error: ${error.message}`);
    // Kernels that use a buffer which could not be allocated silently compute nothing. So no result of this device is
    // reliable any more.
    if (isOutOfMemory(error)) this.#lose(`out of memory: ${error.message}`);
  };

  /** Every device by its GPUDevice. */
  static readonly #known = new WeakMap<GPUDevice, Device>();

  /** The device of a GPUDevice: the same object for every call with this GPUDevice. */
  static of(given: Device | GPUDevice): Device {
    return given instanceof Device ? given : (Device.#known.get(given) ?? new Device(given));
  }

  /** @throws ArgumentError unless `given` is undefined or a device that the engine can use */
  static check(what: string, given: Device | GPUDevice | undefined | null): void {
    if (given === undefined || given instanceof Device) return;
    // A GPUDevice has this method. A Device that another copy of the engine created does not have it.
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
    this.#polling = DevicePolling.needed ? new DevicePolling(gpu.queue) : undefined;
    const { vendor, architecture, description } = gpu.adapterInfo;
    const fallback = (gpu.adapterInfo as { isFallbackAdapter?: boolean }).isFallbackAdapter;
    this.#software = fallback ?? /swiftshader|llvmpipe|lavapipe/i.test(`${vendor} ${architecture} ${description}`);
    gpu.addEventListener('uncapturederror', this.#onUncapturedError);
    gpu.lost.then(({ reason, message }) => this.#lose(`${reason}: ${message}`));
  }

  /** Why the device cannot be used any more: lost, out of memory, or destroyed. Undefined while it works. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Whether `destroy` was called. Such a device is not replaced by another one. */
  get destroyed(): boolean {
    return this.#destroyed;
  }

  /**
   * The `GPU` object to request another device from. Undefined if the caller made the GPUDevice and there is no
   * `navigator.gpu`.
   */
  get source(): GPU | undefined {
    return this.provider ?? browserGpu();
  }

  /**
   * Requests another device to replace a lost one, from the same provider. It has the same features and limits, as far as the
   * adapter supports them, so that the same kernels compute the same bits.
   * @throws DeviceError if there is no adapter
   */
  async requestReplacement(): Promise<Device> {
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

  /** The properties of the device that decide which kernels are chosen. */
  get target(): Target {
    return { software: this.#software, features: this.gpu.features };
  }

  /** One readable line: vendor, architecture, and whether the adapter is software. */
  get description(): string {
    const { vendor, architecture, description, device } = this.gpu.adapterInfo;
    const name = [vendor, architecture, description || device].filter(Boolean).join(' ') || 'unnamed adapter';
    return this.#software ? `${name} (software adapter, computes on the CPU)` : name;
  }

  /** @throws DeviceError if the device was lost, or if it does not allow a buffer of this size */
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

  /**
   * Overwrites a part of a buffer. `data` may lie in any kind of memory; the caller may change it as soon as this
   * returns.
   */
  write(buffer: GPUBuffer, offset: number, data: HostArray): void {
    // Shared memory ends the process in Dawn under Node. Some browser versions reject shared or resizable memory.
    this.gpu.queue.writeBuffer(buffer, offset, ordinary(data) as Float32Array<ArrayBuffer>);
  }

  /** @throws DeviceError if the device is lost */
  checkAlive(): void {
    if (this.#lost !== undefined) throw this.#lostError();
  }

  /**
   * Waits for `work`, but fails as soon as the device is lost: some promises of a lost device never settle.
   * @throws DeviceError if the device is lost
   */
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
      // A map or a compilation may fail because of a loss that the browser has not reported yet. Wait for that report,
      // so that the caller gets the cause.
      if (this.#lost === undefined && (!(error instanceof NeuriteError) || error instanceof DeviceError))
        await Promise.race([this.gpu.lost, new Promise((r) => setTimeout(r, LOSS_REPORT_MS))]);
      this.checkAlive();
      throw error;
    } finally {
      this.#firstError = this.#firstError.filter((other) => other !== reject);
    }
  }

  /**
   * Waits for the end of work on the GPU (a map, `onSubmittedWorkDone`), but fails as soon as the device is lost.
   * @param freed whether the mapped buffer was destroyed on purpose: then a map that fails says nothing about the device
   * @throws StateError if the map failed because its buffer was destroyed
   */
  ended<T>(work: Promise<T>, freed = () => false): Promise<T> {
    const ended = this.whileAlive(
      work.catch((cause) => {
        throw freed() ? new StateError('readback: its buffer was freed meanwhile.', { cause }) : cause;
      }),
    );
    return this.#polling ? this.#polling.until(ended) : ended;
  }

  /** Destroys the GPU device and with it every buffer of every model on it. Unlike a lost device, it is not replaced. */
  destroy(): void {
    this.#destroyed = true;
    this.#lose('destroyed: Device.destroy was called'); // at once: a browser may report it later, Firefox after 100 ms
  }

  #lose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    // Dawn under Node never lets go of a listener, and so would keep the device and its threads. No error is missed:
    // all waits fail with the loss.
    this.gpu.removeEventListener('uncapturederror', this.#onUncapturedError);
    this.gpu.destroy();
    for (const reject of this.#firstError) reject(this.#lostError());
    this.#firstError = [];
  }

  #lostError(): DeviceError {
    return new DeviceError(`the GPU device was lost (${this.#lost}). Request a new device and build the model again.`);
  }
}

/**
 * Requests a GPU device from the browser, or from `options.gpu`.
 * @throws DeviceError if there is no WebGPU or no adapter (the message says how to get one), or no answer within a minute
 * @throws ArgumentError for an option that does not exist or has a value that it does not take
 */
export async function requestDevice(options: DeviceOptions = {}): Promise<Device> {
  checkOptions('requestDevice', options, DEVICE_OPTIONS);
  const { powerPreference, gpu } = checkAdapterOptions('requestDevice', options);
  return deviceFrom(gpu, powerPreference, {
    feature: () => true,
    limit: (_, most) => most,
  });
}

/** Which of the adapter's features and limits to request. */
interface AdapterRequest {
  feature(name: GPUFeatureName): boolean;
  limit(name: (typeof RAISED_LIMITS)[number], most: number): number;
}

async function deviceFrom(
  provider: GPU | undefined,
  powerPreference: GPUPowerPreference,
  wishes: AdapterRequest,
): Promise<Device> {
  const { gpu, adapter } = await requestAdapter(provider, powerPreference);
  const requiredLimits = Object.fromEntries(
    RAISED_LIMITS.map((name) => [name, wishes.limit(name, adapter.limits[name])]),
  );
  const requiredFeatures = OPTIONAL_FEATURES.filter((name) => adapter.features.has(name) && wishes.feature(name));
  const requested = adapter.requestDevice({ label: 'neurite', requiredLimits, requiredFeatures });
  const device = await withTimeout(requested, 60, (late) => late.destroy());
  return new Device(device, gpu, powerPreference);
}

function isOutOfMemory(error: GPUError): boolean {
  return typeof GPUOutOfMemoryError !== 'undefined' && error instanceof GPUOutOfMemoryError;
}
