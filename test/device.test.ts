/** The browser that runs the tests has WebGPU. Without an adapter the suite fails; it never skips. */
import { afterAll, beforeAll, expect, test } from 'vitest';

let device: GPUDevice;

beforeAll(async () => {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error('this browser gives no WebGPU adapter');
  device = await adapter.requestDevice();
});

afterAll(() => device?.destroy());

test('a compute shader runs and its result reads back', async () => {
  const module = device.createShaderModule({
    code: /* wgsl */ `
      @group(0) @binding(0) var<storage, read_write> x: array<u32>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
        if (id.x < arrayLength(&x)) { x[id.x] = x[id.x] * x[id.x]; }
      }`,
  });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });

  const n = 1000; // not a multiple of the workgroup
  const input = Uint32Array.from({ length: n }, (_, i) => i);
  const buffer = device.createBuffer({
    size: input.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const staging = device.createBuffer({
    size: input.byteLength,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, input);

  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer } }] }),
  );
  pass.dispatchWorkgroups(Math.ceil(n / 64));
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, input.byteLength);
  device.queue.submit([encoder.finish()]);

  await staging.mapAsync(GPUMapMode.READ);
  const got = new Uint32Array(staging.getMappedRange());
  expect(Array.from(got)).toEqual(Array.from(input, (i) => i * i));
});
