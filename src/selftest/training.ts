/**
 * Checks a whole training: a small network is trained for a few steps by the model's API, and by references in double
 * precision.
 */
import { adam, type Device, layers, type Model, sequential } from '../index.ts';
import { type Array64, array64, map, randomStream, size, type Tolerance, zeros } from './arrays.ts';
import type { Check, Comparison } from './check.ts';
import { biasAddSpec } from './specs/biasAdd.ts';
import { conv2dMaxPoolSpec } from './specs/conv2dMaxPool.ts';
import { matmulSpec } from './specs/matmul.ts';
import { softmaxCrossEntropySpec } from './specs/softmaxCrossEntropy.ts';

const IMAGE = [12, 12, 1];
const CLASSES = 3;
/** The batches. The last one is smaller, as the last batch of an epoch may be. */
const BATCHES = [5, 5, 3];
const RATE = 0.01;
/** Adam's epsilon, large enough that a tiny gradient moves a weight by a tiny amount. */
const EPSILON = 1e-3;

const POOLED = { pool: [2, 2], activation: 'relu' } as const;
const PLAIN = { transposeA: false, transposeB: false };

function net(): Model {
  return sequential([
    layers.conv2d({ inputShape: IMAGE, filters: 8, kernelSize: 3, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: CLASSES }),
  ]);
}

interface Batch {
  readonly x: Array64;
  readonly labels: Array64;
}

/** Images of bright stripes. Their direction is the class. */
function batches(): Batch[] {
  const random = randomStream(17);
  return BATCHES.map((count) => {
    const labels = map(zeros([count]), () => Math.floor(CLASSES * random()));
    const x = map(zeros([count, ...IMAGE]), (_, i) => {
      const [row, column] = [Math.floor(i / 12) % 12, i % 12];
      const phase = [row, column, row + column][labels.data[Math.floor(i / 144)]!]!;
      return Math.fround(0.5 * random() + (phase % 3 === 0 ? 0.5 : 0));
    });
    return { x, labels };
  });
}

/** The loss of a batch and its gradients for filter, bias, dense kernel and dense bias, from the references of the ops. */
function lossAndGradients([w, b, dense, bias]: readonly Array64[], { x, labels }: Batch) {
  const count = labels.data.length;
  const conv = [x, w!, b!];
  const pooled = conv2dMaxPoolSpec.forward(conv, POOLED);
  const flat = array64([count, size(pooled.shape) / count], pooled.data);
  const product = matmulSpec.forward([flat, dense!], PLAIN);
  const logits = biasAddSpec.forward([product, bias!], {});
  const losses = softmaxCrossEntropySpec.forward([logits, labels], CLASSES);
  const mean = map(losses, () => 1 / count);
  const [dlogits] = softmaxCrossEntropySpec.backward!([logits, labels], mean, CLASSES);
  const [dproduct, dbias] = biasAddSpec.backward!([product, bias!], dlogits!, {});
  const [dflat, ddense] = matmulSpec.backward!([flat, dense!], dproduct!, PLAIN);
  const [, dw, db] = conv2dMaxPoolSpec.backward!(conv, { shape: pooled.shape, data: dflat!.data }, POOLED);
  return { loss: losses.data.reduce((sum, v) => sum + v, 0) / count, gradients: [dw!, db!, ddense!, dbias!] };
}

/** Trains with Keras' Adam over the batches. @returns the losses, and the final weights */
function train(start: readonly Array64[], data: readonly Batch[]): { losses: number[]; weights: Array64[] } {
  const weights = start.map((w) => map(w, (v) => v));
  const moments = weights.map(({ shape }) => [zeros(shape).data, zeros(shape).data] as const);
  const losses = data.map((batch, step) => {
    const { loss, gradients } = lossAndGradients(weights, batch);
    const alpha = (RATE * Math.sqrt(1 - 0.999 ** (step + 1))) / (1 - 0.9 ** (step + 1));
    weights.forEach(({ data: w }, k) => {
      const [m, v] = moments[k]!;
      gradients[k]!.data.forEach((g, i) => {
        m[i]! += (g - m[i]!) * 0.1;
        v[i]! += (g * g - v[i]!) * 0.001;
        w[i]! -= (alpha * m[i]!) / (Math.sqrt(v[i]!) + EPSILON);
      });
    });
    return loss;
  });
  return { losses, weights };
}

interface Variant {
  readonly precision?: 'float32' | 'mixed';
  readonly oneHot?: boolean;
}

/** One-hot rows of class indices. */
function rowsOf({ data }: Array64) {
  const rows = Float32Array.from({ length: data.length * CLASSES }, (_, i) =>
    data[Math.floor(i / CLASSES)] === i % CLASSES ? 1 : 0,
  );
  return { data: rows, shape: [data.length, CLASSES] };
}

async function run(
  device: Device,
  { precision = 'float32', oneHot = false }: Variant,
  tolerance: Tolerance,
): Promise<Comparison[]> {
  const model = net();
  try {
    const optimizer = adam({ learningRate: RATE, epsilon: EPSILON });
    const loss = oneHot ? 'categoricalCrossentropy' : 'sparseCategoricalCrossentropy';
    await model.compile({ device, optimizer, loss, precision, seed: 1, tune: false });
    const start = (await model.getWeights()).map(({ shape, data }) => array64(shape, data));
    const data = batches();
    const losses: number[] = [];
    for (const { x, labels } of data) {
      const images = { data: Float32Array.from(x.data), shape: x.shape };
      const truth = oneHot ? rowsOf(labels) : Int32Array.from(labels.data);
      losses.push((await model.trainOnBatch(images, truth)).loss!);
    }
    const want = train(start, data);
    return [
      { what: 'loss of each step', got: losses, want: array64([data.length], want.losses), tolerance },
      ...(await model.getWeights()).map(({ name, data: got }, i) => {
        return { what: name, got, want: want.weights[i]!, tolerance };
      }),
    ];
  } finally {
    model.dispose();
  }
}

const FLOAT32: Tolerance = { error: 1e-5, why: 'float32 in every layer, three steps' };
const MIXED: Tolerance = { error: 3e-3, why: 'images, feature maps and copies of weights with 11 bits' };

export const trainingChecks: readonly Check[] = [
  {
    op: 'training',
    title: 'convolution, max-pool and dense layer, three Adam steps',
    prepare: () => (device) => run(device, {}, FLOAT32),
  },
  {
    op: 'training',
    title: 'the same with one-hot labels',
    prepare: () => (device) => run(device, { oneHot: true }, FLOAT32),
  },
  {
    op: 'training',
    title: 'the same in mixed precision',
    needs: 'shader-f16',
    prepare: () => (device) => run(device, { precision: 'mixed' }, MIXED),
  },
];
