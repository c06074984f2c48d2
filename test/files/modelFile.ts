/** A model's file made without a GPU, whole or with another description. */
import { adam, layers, sequential } from '../../src/index.ts';
import { type NamedTensor, writeSafetensors } from '../../src/io/safetensors.ts';
import { checksumOf } from '../../src/nn/recovery/runFile.ts';
import { elements } from '../../src/tensor.ts';

const SPECS = [
  layers.zeroPadding2d({ inputShape: [8, 8, 1], padding: 1, name: 'pad', trainable: true }),
  layers.conv2d({ filters: 2, kernelSize: 3, activation: 'relu', name: 'conv', padding: 'same', trainable: true }),
  layers.maxPool2d({ poolSize: 2, name: 'pool', trainable: true }),
  layers.batchNormalization({ name: 'norm', momentum: 0.9, epsilon: 0.001, trainable: true }),
  layers.dropout({ rate: 0.25, name: 'drop', trainable: true }),
  layers.reshape({ targetShape: [50], name: 'flat', trainable: true }),
  layers.dense({ units: 2, name: 'out', kernelInitializer: { name: 'constant', value: 1 }, trainable: true }),
];

/** What the file says beside the tensors; plain JSON, to be changed at will. */
export const description = () => ({
  version: 1,
  layers: structuredClone(SPECS) as { type: string; options: Record<string, unknown> }[],
  seed: 3,
  optimizer: {
    name: 'adam',
    config: { ...adam().config, learningRate: { name: 'constant', config: { learningRate: 1 } } },
  },
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
  iterations: 5,
  epochs: 1,
  learningRate: null,
});

export function tensors(): NamedTensor[] {
  const weights = sequential(SPECS).layers.flatMap((layer) => layer.weights);
  const state = weights.filter(({ spec }) => spec.trainable).flatMap(({ variable }) => adam().slots(variable));
  return [...weights.map(({ variable }) => variable), ...state].map(({ name, shape }, i) => ({
    name,
    shape,
    data: new Float32Array(elements(shape)).fill(i + 1),
  }));
}

export const modelFile = (said: unknown = description(), held = tensors()) =>
  writeSafetensors(held, { neurite: typeof said === 'string' ? said : JSON.stringify(said) });

/** What a snapshot says of its run; plain JSON, to be changed at will. */
export const run = () => ({
  version: 4,
  options: { epochs: 3, batchSize: 8, shuffle: true, validationSplit: 0.2 },
  place: { epoch: 1, begun: true, step: 2, rows: 16, sums: [0, 1072693248, 0, 1074266112] },
  logs: [{ loss: 0.5, accuracy: 1, valLoss: 'NaN', valAccuracy: 0.25 }],
  lossScale: [],
  precision: 'float32',
  memoryLimit: null,
  kernels: { 'conv2d 8x8': 'rows' },
  data: ['60 examples', 'no validation data', 'weights of examples 00000000'],
});

/** A snapshot of the same model, whole or with something else about its run; its checksum is right. */
export function snapshotFile(said = JSON.stringify(run())): Uint8Array<ArrayBuffer> {
  const metadata = { neurite: JSON.stringify(description()), run: said };
  return writeSafetensors(tensors(), { ...metadata, checksum: checksumOf(tensors(), metadata) });
}
