/** Random small networks: what a training run is, as plain data, and how fast-check draws one. */
import fc from 'fast-check';
import type { LayerSpec } from '../../src/index.ts';
import type { LossName } from '../../src/nn/losses.ts';
import type { Shape } from '../../src/tensor.ts';
import { Choices } from './choices.ts';
import { drawLayers } from './layers.ts';

type Options = Readonly<Record<string, number | boolean>>;

/** An optimizer as the factory's name and its options. */
export interface OptimizerCase {
  readonly name: 'sgd' | 'rmsprop' | 'adam' | 'adamw';
  readonly options: Options;
}

/** Three training steps of a network. */
export interface NetworkCase {
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly accuracy: boolean;
  readonly optimizer: OptimizerCase;
  /** Rows that the step is planned for. */
  readonly batch: number;
  /** Real rows of each step; the rest is padding. */
  readonly rows: readonly number[];
  /** Whether examples count differently in the loss. */
  readonly weighted: boolean;
  /** Sets first weights and data. */
  readonly seed: number;
  /** 0: the kernels that are likely fast; else each node takes one of those that can do it, by this number. */
  readonly kernels: number;
  readonly fuse: boolean;
}

const LOSSES: readonly LossName[] = [
  'meanSquaredError',
  'sparseCategoricalCrossentropy',
  'categoricalCrossentropy',
  'binaryCrossentropy',
  'meanAbsoluteError',
];

/**
 * Epsilons are large: a gradient that is 0 but for rounding, such as that of a bias before batch-norm, is turned into a whole step
 * by a small one, on both sides, and each rounds in its own way. The small default is compared in test/model/parity.test.ts.
 */
function drawOptimizer(choose: Choices): OptimizerCase {
  const name = choose.of(['sgd', 'adam', 'rmsprop', 'adamw'] as const);
  const learningRate = choose.of([0.01, 0.001, 0.1]);
  const clip: Options = choose.chance(4) ? { globalClipNorm: choose.of([0.5, 0.05]) } : {};
  const epsilon = choose.of([1e-2, 1e-3]);
  const momentum = choose.of([0, 0.9, 0.5]);
  const last = choose.chance(2);
  const decays: Options = choose.chance(2) ? { beta1: 0.8, beta2: 0.95 } : {};
  switch (name) {
    case 'sgd':
      return { name, options: { learningRate, momentum, nesterov: last, ...clip } };
    case 'rmsprop':
      return { name, options: { learningRate, momentum, centered: last, rho: 0.8, epsilon, ...clip } };
    case 'adam':
      return { name, options: { learningRate, epsilon, ...decays, ...clip } };
    case 'adamw':
      return { name, options: { learningRate, epsilon, weightDecay: last ? 0.1 : 0.004, ...decays, ...clip } };
  }
}

/** Numbers that a layer's options are chosen by; as many as the layer with the most options takes. */
const numbers = fc.array(fc.nat(9999), { minLength: 32, maxLength: 32 });

const ingredients = fc.record({
  layers: fc.array(numbers, { minLength: 3, maxLength: 5, size: 'max' }),
  shape: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(1, 3, 4, 2, 5, 8)),
  flat: fc.integer({ min: 0, max: 5 }),
  others: numbers,
  batch: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(0x7fffffff),
  kernels: fc.nat(0x7fffffff),
});

export const network: fc.Arbitrary<NetworkCase> = ingredients.map(
  ({ layers, shape, flat, others, batch, seed, kernels }) => {
    const choose = new Choices(others);
    const loss = choose.of(LOSSES);
    const fuse = !choose.chance(8);
    const likely = choose.chance(3);
    const optimizer = drawOptimizer(choose);
    const inputShape: Shape = flat === 5 ? [shape[0] * shape[2]] : shape;
    const specs = drawLayers(
      inputShape,
      layers.map((list) => new Choices(list)),
      loss,
      choose,
    );
    const rows = [batch, choose.chance(3) ? 1 + choose.below(batch) : batch, batch];
    const weighted = choose.chance(4);
    const accuracy = (loss.endsWith('ategoricalCrossentropy') || isSingle(specs, loss)) && choose.chance(2);
    return {
      layers: specs,
      loss,
      accuracy,
      optimizer,
      batch,
      rows,
      weighted,
      seed,
      kernels: likely ? 0 : kernels,
      fuse,
    };
  },
);

/** Whether accuracy has a meaning for a binary cross-entropy: one output a row. */
function isSingle(specs: readonly LayerSpec[], loss: LossName): boolean {
  const last = specs.at(-1)!;
  return loss === 'binaryCrossentropy' && last.type === 'dense' && (last.options as { units?: number }).units === 1;
}

/** The case as it is written in cases.ts. */
export function asCode({ layers, ...rest }: NetworkCase): string {
  const list = layers.map(({ type, options }) => `    layers.${type}(${JSON.stringify(options)}),`);
  const others = Object.entries(rest).map(([key, value]) => `  ${key}: ${JSON.stringify(value)},`);
  return ['{', '  layers: [', ...list, '  ],', ...others, '}'].join('\n');
}
