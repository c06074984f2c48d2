/** What the dispatches of a step are for, as data: phase and layer; and a plan as a plain object. */
import { expect, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import { adam, layers, type Plan } from '../../src/index.ts';
import type { LayerSpec } from '../../src/nn/layers/layer.ts';
import { Network } from '../../src/nn/network.ts';
import { checkState } from '../../src/nn/nonFinite/checks.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import { makeStepSpec } from '../../src/nn/step/spec.ts';
import { buildStep, type StepSpec } from '../../src/nn/step/step.ts';

const BATCH = 8;

function specOf(specs: readonly LayerSpec[], options: CompileOptions = {}): StepSpec {
  const network = new Network(specs, () => 0);
  return makeStepSpec(network, { loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], ...options });
}

/** `op, phase, layer` of each dispatch; of an op with several dispatches once. */
function purposes({ dispatches }: Plan): string[] {
  const all = dispatches.map(({ op, phase, layer }) => `${op}, ${phase}, ${layer ?? '-'}`);
  return all.filter((purpose, i) => purpose !== all[i - 1]);
}

const dataset = (shape: readonly number[]) => ({
  x: { name: 'data/x', shape: [20, ...shape], dtype: 'f32' },
  y: { name: 'data/y', shape: [20], dtype: 'i32' },
}) as const; // biome-ignore format: a literal

test('the baseline, fused, its data on the GPU', () => {
  const { plan } = buildStep('train', specOf(presets.baseline()), BATCH, dataset([128, 128, 1]));
  expect(purposes(plan)).toEqual([
    'gatherRows, data, -',
    'conv2dMaxPool, forward, maxPool2d',
    'matmul, forward, dense',
    'gatherRows, data, -',
    'softmaxCrossEntropyTotals, loss, -',
    'sum, backward, dense',
    'matmul, backward, dense',
    'conv2dMaxPoolFilterGrad, backward, maxPool2d',
    'adamUpdate, optimizer, -',
  ]);
});

test('clipping, batch-norm, mixed precision and a watch', () => {
  const specs = [
    layers.conv2d({ inputShape: [9, 9, 2], filters: 4, kernelSize: 3, name: 'first' }),
    layers.batchNormalization({ name: 'norm' }),
    layers.flatten(),
    layers.dense({ units: 2, name: 'last' }),
  ];
  const spec = specOf(specs, { optimizer: adam({ globalClipNorm: 1 }), precision: 'mixed' });
  const { plan } = buildStep('train', { ...spec, checkState: checkState('watch') }, BATCH, undefined, { fuse: false });
  const phasesOf = (op: string) => [...new Set(plan.dispatches.filter((d) => d.op === op).map(({ phase }) => phase))];
  expect(phasesOf('copy')).toEqual(['forward']);
  expect(phasesOf('accumulate')).toEqual(['loss']);
  expect(phasesOf('correct')).toEqual(['loss']);
  expect(phasesOf('weightedMeanGrad')).toEqual(['backward']);
  for (const op of ['sumOfSquares', 'clipScale', 'lossScaling', 'adamUpdate', 'movingAverage']) {
    expect(phasesOf(op), op).toEqual(['optimizer']);
  }
  expect(phasesOf('nonFinite')).toEqual(['check']);
  const layersOf = (op: string) => plan.dispatches.filter((d) => d.op === op).map(({ layer }) => layer);
  expect(new Set(layersOf('batchNormTraining'))).toEqual(new Set(['norm']));
  expect(new Set(layersOf('batchNormTrainingGrad'))).toEqual(new Set(['norm']));
  expect(new Set(layersOf('conv2dFilterGrad'))).toEqual(new Set(['first']));
});

test('a layer may be called as it likes: names decide nothing', () => {
  const named = (name: string) => [
    layers.dense({ inputShape: [300], units: 200, activation: 'relu', name }),
    layers.dense({ units: 2 }),
  ];
  const halves = (name: string) => {
    const { plan } = buildStep('train', specOf(named(name), { precision: 'mixed' }), 4);
    return plan.dispatches.flatMap(({ phase, bindings }) =>
      bindings.map(({ storage }) => `${phase} ${storage.kind === 'slot' && storage.half}`),
    );
  };
  for (const name of ['loss', 'metrics', 'clip', 'optimizer', 'a.w', 'x.dy'])
    expect(halves(name), name).toEqual(halves('dense'));
});

test('gradients of micro-batches are of the backward pass', () => {
  const { plan } = buildStep('train', specOf(presets.baseline()), 8, undefined, {}, 3);
  expect(purposes(plan)).toContain('addScaled, backward, -');
});

test.each(['float32', 'mixed'] as const)('a plan as a plain object, %s', (precision) => {
  const { plan } = buildStep('train', specOf(presets.second(), { precision }), BATCH, undefined, {}, 3);
  const json = plan.toJSON();
  expect(structuredClone(json)).toEqual(json);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(json);
  expect(json.dispatches.map(({ label }) => label)).toEqual(plan.dispatches.map(({ label }) => label));
  expect(json.microBatches).toEqual(plan.microBatches);
  const slots = new Map<string, number>();
  for (const { bindings } of json.dispatches) {
    for (const { tensor, storage } of bindings) {
      if (typeof storage === 'number') slots.set(tensor.name, Math.max(tensor.bytes, slots.get(tensor.name) ?? 0));
    }
  }
  expect(slots.size).toBeGreaterThan(4);
  const largest = Math.max(...json.slots);
  for (const [name, bytes] of slots) expect(bytes, name).toBeLessThanOrEqual(largest);
});

test('a bias that a kernel does without is bound, and said to be unused', () => {
  const { plan } = buildStep('train', specOf([layers.dense({ inputShape: [5], units: 3, useBias: false })]), 4);
  const [product] = plan.dispatches;
  expect(product!.bindings.find(({ name }) => name.startsWith('bias'))!.used).toBe(false);
  expect(String(plan).split('\n')[2]).not.toContain('bias');
});
