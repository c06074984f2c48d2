/** The WebGPU of this environment, and the messages that say how to get what is missing. */
import { DeviceError } from '../errors.ts';

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

export function noWebGpu(): DeviceError {
  return new DeviceError(isNode() ? NO_WEBGPU_IN_NODE : NO_WEBGPU);
}

export function noAdapter(): DeviceError {
  return new DeviceError(isNode() ? NO_ADAPTER_IN_NODE : NO_ADAPTER);
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
