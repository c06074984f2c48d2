/** The training run of a case in TensorFlow.js on the CPU. */

import type { NamedWeight } from '../../src/nn/file/weights.ts';
import type { LossName } from '../../src/nn/losses.ts';
import type { Layer } from '../../src/nn/network.ts';
import { randomStream } from '../support/arrays.ts';
import { type Tf, type TfTensor, tensorflow } from '../support/tensorflow.ts';
import type { Batch } from './data.ts';
import type { NetworkCase } from './network.ts';
import { clipByGlobalNorm, updateRule } from './optimizerRules.ts';
import type { Outcome } from './outcome.ts';
import { tfLayer } from './tfLayers.ts';

/** What the engine was given: the reference begins with the same. */
export interface Beginning {
  readonly layers: readonly Layer[];
  readonly weights: readonly NamedWeight[];
  readonly batches: readonly Batch[];
  /** The steps' numbers that dropout hashes. */
  readonly seeds: readonly number[];
}

interface State {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Values of each row, `[n]`. */
function perRow(tf: Tf, loss: LossName, prediction: TfTensor, target: TfTensor): TfTensor {
  const rows = (elements: TfTensor): TfTensor => elements.reshape([elements.shape[0]!, -1]).mean(1);
  switch (loss) {
    case 'sparseCategoricalCrossentropy':
    case 'categoricalCrossentropy':
      return tf.logSoftmax(prediction).mul(target).sum(1).neg();
    case 'binaryCrossentropy':
      return rows(tf.softplus(prediction).sub(prediction.mul(target)));
    case 'meanSquaredError':
      return rows(prediction.sub(target).square());
    case 'meanAbsoluteError':
      return rows(prediction.sub(target).abs());
  }
}

function hits(tf: Tf, loss: LossName, prediction: TfTensor, target: TfTensor): TfTensor {
  if (loss === 'binaryCrossentropy') return prediction.greater(0).equal(target.greater(0.5));
  return tf.argMax(prediction, 1).equal(tf.argMax(target, 1));
}

/**
 * @param jitter relative size of random changes of the first weights and of the data: what they change of the outcome is what
 *   rounding may change as well
 * @param composed called with each part that TensorFlow.js lacks, which is composed of its ops
 */
export async function trainOracle(
  c: NetworkCase,
  beginning: Beginning,
  { jitter = 0, jitterSeed = 0, composed = (_: string) => {} } = {},
): Promise<Outcome> {
  const tf = await tensorflow();
  const random = randomStream(jitterSeed);
  const jittered = (values: ArrayLike<number>) =>
    Float64Array.from(values, (v) => (jitter === 0 ? v : v * (1 + jitter * (2 * random() - 1))));
  const state = beginning.weights.map(({ name, shape, data }): State => ({ name, shape, data: jittered(data) }));
  const first = state.map(({ data }) => data.slice());
  const ofLayer = (layer: Layer) => layer.weights.map(({ name }) => state.findIndex((w) => w.name === name));
  const trained = beginning.layers.flatMap((layer) => {
    const places = ofLayer(layer);
    return layer.trainable ? places.filter((_, k) => layer.weights[k]!.spec.trainable) : [];
  });
  const rules = trained.map((i) => updateRule(c.optimizer, state[i]!.data.length));
  const averages = new Map<number, Float64Array>();

  const forward = (x: TfTensor, weights: readonly TfTensor[], training: boolean, seed: number): TfTensor =>
    beginning.layers.reduce((value, { type, options, trainable }, index) => {
      const places = ofLayer(beginning.layers[index]!);
      return tfLayer(tf, { type, options: { ...options, trainable } }, value, {
        training,
        weights: places.map((i) => weights[i]!),
        index,
        seed,
        keepAverages(values) {
          for (const [k, v] of values.entries()) averages.set(places.at(k - 2)!, Float64Array.from(v.dataSync()));
        },
        composed,
      });
    }, x);
  const tensorOf = ({ data, shape }: State) => tf.tensor(Float32Array.from(data), [...shape]);

  const step = ({ x, y, weights: byRow }: Batch, index: number) =>
    tf.tidy(() => {
      const input = tf.tensor(Float32Array.from(jittered(x.data)), [...x.shape]);
      const target = tf.tensor(y.dense, [...y.denseShape]);
      const count = x.shape[0]!;
      const all = state.map(tensorOf);
      let seen: { values: number; right: number } | undefined;
      const objective = (...variable: TfTensor[]) => {
        const used = all.map((w, i) => (trained.includes(i) ? variable[trained.indexOf(i)]! : w));
        const prediction = forward(input, used, true, beginning.seeds[index]!);
        const values = perRow(tf, c.loss, prediction, target).mul(tf.tensor1d(byRow));
        const right = c.accuracy ? hits(tf, c.loss, prediction, target).toFloat().sum().dataSync()[0]! : 0;
        seen = { values: values.sum().dataSync()[0]!, right };
        return values.sum().div(count).asScalar();
      };
      if (trained.length === 0) objective();
      else {
        const grads = tf.grads(objective)(trained.map((i) => all[i]!));
        const gradients = grads.map((g) => Float64Array.from(g.dataSync()));
        const { globalClipNorm } = c.optimizer.options;
        if (globalClipNorm) clipByGlobalNorm(gradients, globalClipNorm as number);
        trained.forEach((i, k) => {
          rules[k]!(state[i]!.data, gradients[k]!, index + 1);
        });
      }
      for (const [i, values] of averages) state[i]!.data.set(values);
      averages.clear();
      return seen!;
    });

  const totals = beginning.batches.map(step);
  const last = beginning.batches.at(-1)!;
  const prediction = tf.tidy(() => {
    const input = tf.tensor(Float32Array.from(jittered(last.x.data)), [...last.x.shape]);
    return forward(input, state.map(tensorOf), false, 0).dataSync();
  });
  return [
    { name: 'loss', data: totals.map(({ values }) => values) },
    ...(c.accuracy ? [{ name: 'accuracy', data: totals.map(({ right }) => right) }] : []),
    ...state.map(({ name, data }, i) => ({ name, data, start: first[i]! })),
    { name: 'prediction', data: prediction },
  ];
}
