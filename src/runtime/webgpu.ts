/** The WebGPU of this environment, and the messages that say how to get what is missing. */
import { ArgumentError, DeviceError } from '../errors.ts';
import { checkOneOf } from '../options.ts';
import { shown } from '../shown.ts';
import { withTimeout } from './withTimeout.ts';

/** @throws DeviceError if the constants of WebGPU are not global; under Node the caller has to make them so */
export function checkGlobals(): void {
  if (typeof GPUBufferUsage !== 'undefined') return;
  throw new DeviceError(
    'there is a GPU, but the constants of WebGPU (GPUBufferUsage, …) are no globals. With the npm package webgpu: ' +
      'Object.assign(globalThis, globals).',
  );
}

export function browserGpu(): GPU | undefined {
  return (globalThis.navigator as Navigator | undefined)?.gpu;
}

/** @throws ArgumentError for what is no GPU, or no such preference */
export function checkAdapterOptions(
  what: string,
  { powerPreference = 'high-performance', gpu }: { readonly powerPreference?: GPUPowerPreference; readonly gpu?: GPU },
) {
  if (gpu && typeof gpu.requestAdapter !== 'function') {
    throw new ArgumentError(`${what}: gpu must be a GPU, as navigator.gpu is, got ${shown(gpu)}.`);
  }
  checkOneOf(what, 'powerPreference', powerPreference, ['high-performance', 'low-power']);
  return { powerPreference, gpu };
}

/**
 * The adapter that a device is requested from, and the `GPU` object that gave it.
 * @throws DeviceError if there is no WebGPU or no adapter (the message says how to get one), or no answer within a minute
 */
export async function requestAdapter(
  provider: GPU | undefined,
  powerPreference: GPUPowerPreference,
): Promise<{ gpu: GPU; adapter: GPUAdapter }> {
  const gpu = provider ?? browserGpu();
  if (!gpu) throw new DeviceError(isNode() ? NO_WEBGPU_IN_NODE : isInsecure() ? INSECURE : NO_WEBGPU);
  checkGlobals();
  const adapter = await withTimeout(gpu.requestAdapter({ powerPreference }), 60);
  if (!adapter) throw new DeviceError(isNode() ? NO_ADAPTER_IN_NODE : NO_ADAPTER);
  return { gpu, adapter };
}

/** Browsers hide WebGPU from such pages. */
const isInsecure = () => (globalThis as { isSecureContext?: boolean }).isSecureContext === false;

const INSECURE =
  'this page has no WebGPU (navigator.gpu is missing), because it did not come over https. Open it by its https address, ' +
  'or from localhost.';

const NO_WEBGPU =
  'this environment has no WebGPU (navigator.gpu is missing). Use Chrome or Edge 113+, Safari 26+ or Firefox 141+, ' +
  'on a page served by https or from localhost. In Firefox on Linux, about:config turns it on: dom.webgpu.enabled.';

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
