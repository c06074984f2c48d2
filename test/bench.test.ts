import { graph, type Op, type OpNode, plan } from 'neurite';
import { presets } from 'neurite/brain';
import { expect, test } from 'vitest';
import { makeBatch } from '../bench/batch.ts';
import { installCounters } from '../bench/counters.ts';
import { type EngineReport, runEngineBench } from '../bench/engine.ts';
import { matmulCases, stepCases } from '../bench/kernelCases.ts';
import { measureKernels } from '../bench/kernels.ts';
import source from '../bench/shaders/copy.wgsl?raw';
import { benchModel } from '../bench/steps.ts';
import { apply1, flatGrid, graphOf } from '../src/graph.ts';
import { testDevice } from './support/device.ts';

const CEILING = { gflops: 10, gbps: 10, gflopsByKernel: {}, gbpsBySize: {} };
const OPTIONS = { budgetMs: 5, onceAboveMs: 500, longestMs: 1000 };

/** y = x, by kernels of which one leaves out the last half. */
const copy: Op<{ kernel?: string }> = {
  name: 'copy',
  outputs: ([x]) => [{ shape: x!.shape }],
  kernels: () => ['fast', 'broken', 'plain'],
  dispatches: ({ inputs: [x4], outputs: [y4], attributes: { kernel } }) => [
    {
      shader: { name: 'copy', source },
      entryPoint: 'copy',
      constants: { N: x4!.shape[0]! / (kernel === 'broken' ? 8 : 4) },
      reads: { x4: x4! },
      writes: { y4: y4! },
      workgroups: flatGrid(x4!.shape[0]! / 4, 64),
    },
  ],
};

test('each kernel of a node is measured; one that differs from the plain one is reported, not timed', async () => {
  const device = await testDevice();
  const g = graph();
  apply1(copy, [g.input('x', [4096])], {});
  const cases = [{ source: 'test', node: g.nodes[0]! }, ...matmulCases([32], device.target)];
  const lines: string[] = [];
  const reports = await measureKernels(device, cases, CEILING, OPTIONS, (line) => lines.push(line));
  const of = (op: string, kernel: string) => reports.find((report) => report.op === op && report.kernel === kernel)!;
  expect(of('copy', 'broken').wrong).toContain('differs from plain');
  expect(of('copy', 'broken').time).toBeUndefined();
  for (const kernel of ['fast', 'plain']) {
    expect(of('copy', kernel)).toMatchObject({ bytes: 2 * 4 * 4096, dispatches: 1 });
    expect(of('copy', kernel).gbps).toBeGreaterThan(0);
    expect(of('copy', kernel).flops).toBeUndefined();
  }
  expect(of('matmul', 'tiled').gflops).toBeGreaterThan(0);
  expect(of('matmul', 'plain').gflops).toBeGreaterThan(0);
  expect(lines.join('\n')).toContain('WRONG');
});

test('every dispatch of the networks belongs to a node that is measured', async () => {
  const device = await testDevice();
  for (const name of ['baseline', 'second'] as const) {
    const { model } = await benchModel(device, name);
    const nodes = stepCases(name, model, 4, device.target).map(({ node }) => node);
    const { outputs } = model.plan({ batchSize: 4 });
    // Planned for this device, as the model itself does it.
    const { dispatches } = plan(graphOf(outputs[0]!), outputs, { target: device.target });
    const missed = dispatches.filter(({ label }) => {
      const of = ({ op, inputs, outputs, scratch }: OpNode) =>
        [...inputs, ...outputs, ...scratch].some((tensor) => label === `${op.name}:${tensor.name}`);
      return !nodes.some(of);
    });
    expect(missed.map(({ label }) => label)).toEqual([]);
    model.dispose();
  }
});

test('the engine is measured by itself: steps with checked losses, on any device', async () => {
  const device = await testDevice();
  const lines: string[] = [];
  const options = { quick: true, parts: ['steps'], batches: [2], models: ['baseline'] } as const;
  const report: EngineReport = await runEngineBench(device, options, (line) => lines.push(line));
  const [step] = report.steps;
  expect(step).toMatchObject({ model: 'baseline', batch: 2, parameters: 62_338 });
  expect(step!.wrong).toBeUndefined();
  for (const time of [step!.fit!, step!.trainOnBatch!, step!.predict!]) expect(time.median).toBeGreaterThan(0);
  expect(step!.plan.dispatches).toBeGreaterThan(0);
  expect(report.adapter.description).toBe(device.description);
});

test('the benchmark knows every layer of its networks', async () => {
  const device = await testDevice();
  for (const name of ['baseline', 'second'] as const) {
    const { model, layers } = await benchModel(device, name);
    expect(layers.length).toBe(presets[name]().length);
    expect(layers.flatMap(({ weights }) => weights.map(({ shape }) => shape))).toEqual(
      (await model.getWeights()).map(({ shape }) => shape),
    );
    model.dispose();
  }
});

test('what is asked of WebGPU is counted, and bytes that live at once', async () => {
  const { gpu } = await testDevice();
  const counters = installCounters();
  const { model } = await benchModel(await testDevice(), 'baseline');
  const { x, y } = makeBatch(1, model.inputShape);
  await model.trainOnBatch(x, y);
  counters.take();
  await model.trainOnBatch(x, y);
  const { dispatches } = model.plan({ batchSize: 1 });
  expect(counters.take()).toMatchObject({ dispatches: dispatches.length, passes: 1, submits: 1, buffersCreated: 0 });
  model.dispose();
  await new Promise((done) => setTimeout(done)); // it frees what is still being made a little later
  const before = counters.peakBytes;
  const make = () => gpu.createBuffer({ size: before, usage: GPUBufferUsage.STORAGE });
  for (let i = 0; i < 3; i++) make().destroy();
  expect(counters.peakBytes).toBe(before);
  const two = [make(), make()];
  expect(counters.peakBytes).toBe(2 * before);
  for (const buffer of two) buffer.destroy();
});
