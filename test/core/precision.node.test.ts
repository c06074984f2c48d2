/** Which tensors of a step are stored as f16; planned without a GPU. */
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import { layers, type Plan, type Precision } from '../../src/index.ts';
import type { LayerSpec } from '../../src/nn/layers/layer.ts';
import { Network } from '../../src/nn/network.ts';
import { adam } from '../../src/nn/optimizers.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import { makeStepSpec } from '../../src/nn/step/spec.ts';
import { buildStep, type Mode } from '../../src/nn/step/step.ts';
import { pipelineKey } from '../../src/runtime/pipelines.ts';
import { floatArrays, isHalf } from '../../src/shader/f16.ts';
import { byteLength } from '../../src/tensor.ts';

const everything = (): LayerSpec[] => [
  layers.conv2d({ inputShape: [14, 14, 3], filters: 5, kernelSize: 5, padding: 'same', activation: 'relu' }),
  layers.batchNormalization(),
  layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'tanh' }),
  layers.maxPool2d({ poolSize: 2 }),
  layers.depthwiseConv2d({ kernelSize: 3 }),
  layers.dropout({ rate: 0.5 }),
  layers.flatten(),
  layers.dense({ units: 7, activation: 'gelu' }),
  layers.dense({ units: 5 }),
];

function planned(specs: readonly LayerSpec[], batchSize: number, options: CompileOptions = {}, mode: Mode = 'train') {
  const network = new Network(specs, () => 1);
  const spec = makeStepSpec(network, { loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], ...options });
  return buildStep(mode, spec, batchSize).plan;
}

function halvesOf(plan: Plan): string[] {
  const bindings = plan.dispatches.flatMap((dispatch) => dispatch.bindings);
  return [...new Set(bindings.filter(({ storage }) => isHalf(storage)).map(({ tensor }) => tensor.name))].sort();
}

describe('mixed precision', () => {
  test('of the baseline: activations, their gradients and copies of the weights', () => {
    const plan = planned(presets.baseline(), 4, { precision: 'mixed' });
    expect(halvesOf(plan)).toEqual([
      'conv2d/kernel/copy',
      'd(dense/matmul)/matmul',
      'd(flatten/reshape)/reshape',
      'dense/kernel/copy',
      'flatten/reshape',
      'maxPool2d/maxPool2d',
      'weights/copy',
    ]);
    expect(String(plan)).toContain('maxPool2d/maxPool2d[4, 31, 31, 32]f16@#');
  });

  test('without it nothing is, and there is no loss scale', () => {
    const plan = planned(everything(), 4);
    expect(halvesOf(plan)).toEqual([]);
    expect(plan.dispatches.filter(({ label }) => /copy|lossScaling/.test(label))).toEqual([]);
  });

  // Batch sizes that are sizes of kernels, channels, units and classes as well.
  test.each([2, 3, 5, 6, 7, 32])(
    'a batch of %d: sums, gradients of weights and what the loss is made of stay f32',
    (n) => {
      for (const globalClipNorm of [null, 1]) {
        const plan = planned(everything(), n, { precision: 'mixed', optimizer: adam({ globalClipNorm }) });
        const halves = halvesOf(plan);
        expect(halves).toContain('conv2d/relu');
        expect(halves).toContain('batchNormalization/batchNormTraining');
        expect(halves).toContain('d(conv2d_1/conv2d)/conv2dInputGrad');
        expect(
          halves.filter((name) => /loss|metrics|partial|sums|FilterGrad$|coefficients|variance|gradients/.test(name)),
        ).toEqual([]);
        for (const { dispatch, binding } of bindingsOf(plan)) {
          const { tensor, storage, name } = binding;
          if (isHalf(storage)) expect(floatArrays(dispatch.shader).has(name), `${dispatch.label} ${name}`).toBe(true);
          if (/Update$|^accumulate|^sumOfSquares|^lossScaling/.test(dispatch.shader.name)) {
            expect(isHalf(storage), `${dispatch.label} ${tensor.name}`).toBe(false);
          }
        }
      }
    },
  );

  test('of a generator: what transposed convolutions and upsampling give, their gradients, and copies of the kernels', () => {
    const specs = [
      layers.conv2dTranspose({ inputShape: [4, 4, 16], filters: 8, kernelSize: 4, strides: 2, padding: 'same' }),
      layers.upSampling2d({ interpolation: 'bilinear' }),
      layers.conv2dTranspose({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' }),
      layers.flatten(),
      layers.dense({ units: 5 }),
    ];
    const halves = halvesOf(planned(specs, 4, { precision: 'mixed' }));
    for (const name of [
      'conv2dTranspose/conv2dTranspose',
      'upSampling2d/upSampling2d',
      'd(upSampling2d/upSampling2d)/upSampling2dGrad',
      'd(conv2dTranspose_1/conv2dTranspose)/conv2d',
      'weights/copy',
    ]) {
      expect(halves).toContain(name);
    }
    expect(halves.filter((name) => /FilterGrad$/.test(name))).toEqual([]);
  });

  test('all names of one memory agree, and lie within it', () => {
    const plan = planned(everything(), 6, { precision: 'mixed' });
    for (const [tensor, storage] of plan.storage) {
      if (storage.kind !== 'slot') continue;
      expect(storage.offset + byteLength(tensor, storage.half), tensor.name).toBeLessThanOrEqual(
        plan.slots[storage.slot]!,
      );
      expect(storage.offset % 256, `${tensor.name}: every device binds at multiples of 256`).toBe(0);
    }
    const at = (name: string) => [...plan.storage].find(([tensor]) => tensor.name === name)![1];
    expect(at('flatten/reshape')).toEqual(at('dropout/dropout'));
    expect(isHalf(at('flatten/reshape'))).toBe(true);
  });

  test('takes half of the memory of activations', () => {
    const specs = presets.improved();
    const bytes = (plan: Plan, name: string) => plan.lifetimes.find(({ tensor }) => tensor.name === name)!.bytes;
    const [full, mixed] = [planned(specs, 8), planned(specs, 8, { precision: 'mixed' })];
    const name = 'batchNormalization/batchNormTraining';
    expect(bytes(mixed, name)).toBe(8 * 126 * 126 * 8 * 2);
    expect(bytes(full, name)).toBe(2 * bytes(mixed, name));
    const arena = (plan: Plan) => plan.slots.reduce((sum, slot) => sum + slot, 0);
    expect(arena(mixed) / arena(full)).toBeLessThan(0.6);
    expect(full.peakBytes - mixed.peakBytes).toBeGreaterThan(0.4 * arena(full));
  });

  test('one copy for all weights, at the beginning; vectors and updates go to the weights themselves', () => {
    const plan = planned(everything(), 4, { precision: 'mixed' });
    const copies = plan.dispatches.filter(({ shader }) => shader.name === 'copy');
    expect(copies).toEqual([plan.dispatches[0]]);
    for (const { dispatch, binding } of bindingsOf(plan)) {
      if (dispatch === copies[0] || /Update$|^movingAverage/.test(dispatch.shader.name)) continue;
      if (binding.storage.kind === 'variable' && /\/\w*kernel$/.test(binding.tensor.name)) {
        throw new Error(`${dispatch.label} reads ${binding.tensor.name} itself`);
      }
    }
  });

  test.each(['evaluate', 'predict'] as const)('%s: activations, too, but not what the host reads', (mode) => {
    const plan = planned(everything(), 4, { precision: 'mixed' }, mode);
    expect(halvesOf(plan)).toContain('conv2d/relu');
    for (const output of plan.outputs) expect(isHalf(plan.storage.get(output)!)).toBe(false);
    expect(plan.dispatches.filter(({ label }) => /lossScaling/.test(label))).toEqual([]);
  });

  test('a dataset on the GPU is neither copied nor narrowed', () => {
    const network = new Network(everything(), () => 1);
    const spec = makeStepSpec(network, { loss: 'sparseCategoricalCrossentropy', precision: 'mixed' });
    const resident = {
      x: { name: 'data/x', shape: [100, 14, 14, 3], dtype: 'f32' as const },
      y: { name: 'data/y', shape: [100], dtype: 'i32' as const },
    };
    const { plan } = buildStep('train', spec, 4, resident);
    expect(halvesOf(plan).filter((name) => /gather/.test(name))).toEqual([]);
    expect(plan.dispatches.filter(({ shader }) => shader.name === 'copy')).toHaveLength(1);
  });

  test('a kernel is compiled anew for other widths, and shared where these are the same', () => {
    const dispatches = (precision: Precision) => planned(presets.second(), 4, { precision }).dispatches;
    const full = new Set(dispatches('float32').map(pipelineKey));
    const mixed = dispatches('mixed');
    const narrowed = mixed.filter(({ bindings }) => bindings.some(({ storage }) => isHalf(storage)));
    expect(narrowed.length).toBeGreaterThan(10);
    expect(narrowed.filter((dispatch) => full.has(pipelineKey(dispatch)))).toEqual([]);
    expect(mixed.filter((dispatch) => full.has(pipelineKey(dispatch))).length).toBeGreaterThan(2);
    expect(dispatches('mixed').map(pipelineKey)).toEqual(mixed.map(pipelineKey));
  });

  test.each([null, 1])(
    'gradients of weights that look like activations, and long predictions, stay f32 (clip %s)',
    (globalClipNorm) => {
      const specs = [
        layers.dense({ inputShape: [16], units: 200, activation: 'relu' }),
        layers.dense({ units: 150 }), // 150 logits
      ];
      const options = { precision: 'mixed', optimizer: adam({ globalClipNorm }) } as const;
      expect(halvesOf(planned(specs, 16, options))).toEqual([
        'd(dense/relu)/reluGrad',
        'd(dense_1/matmul)/matmul',
        'dense/kernel/copy',
        'dense/relu',
        'dense_1/kernel/copy',
        'weights/copy',
      ]);
      expect(halvesOf(planned(specs, 16, options, 'predict'))).not.toContain('dense_1/biasAdd');
    },
  );

  test('short vectors stay f32', () => {
    const widths = (units: number) => {
      const specs = [layers.dense({ inputShape: [4], units, activation: 'relu' }), layers.dense({ units: 2 })];
      return halvesOf(planned(specs, 8, { precision: 'mixed' }));
    };
    expect(widths(128)).toContain('dense/relu');
    expect(widths(127)).not.toContain('dense/relu');
    expect(widths(127)).toContain('dense/kernel/copy');
  });

  test('a single weight is copied by itself', () => {
    const specs = [layers.dense({ inputShape: [4], units: 3, useBias: false })];
    expect(halvesOf(planned(specs, 8, { precision: 'mixed' }))).toContain('dense/kernel/copy');
  });
});

function bindingsOf(plan: Plan) {
  return plan.dispatches.flatMap((dispatch) => dispatch.bindings.map((binding) => ({ dispatch, binding })));
}
