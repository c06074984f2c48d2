/** What is inside a model: its kernels, and what it makes of one image. */
import type { Model } from 'neurite';
import { fakeProbability, inputOf } from 'neurite/brain';
import type { Inspection, KernelSet, LayerOutput } from '../protocol/index.ts';
import { type Images, pick } from './images.ts';

export async function kernelsOf(model: Model): Promise<KernelSet[]> {
  const weights = await model.getWeights();
  const biases = new Map(weights.map(({ name, data }) => [name, data]));
  return weights
    .filter(({ shape }) => shape.length === 4)
    .map(({ name, shape, data }) => {
      const layer = name.split('/')[0]!;
      const { type, options } = model.layers.find((one) => one.name === layer)!;
      const bias = biases.get(`${layer}/bias`);
      const kernels = { layer, shape: [...shape], data, ...(bias ? { bias } : {}) };
      return type === 'conv2dTranspose' ? turned(kernels, (options as { groups?: number }).groups) : kernels;
    });
}

/** The kernels of a transposed convolution, `[height, width, filters / groups, inputs]`, as those of a convolution: HWIO. */
export function turned({ shape, data, ...rest }: KernelSet, groups = 1): KernelSet {
  const [height, width, perGroup, channels] = shape as [number, number, number, number];
  const [inputs, outputs] = [channels / groups, perGroup * groups];
  const result = new Float32Array(data.length);
  data.forEach((value, i) => {
    const [channel, filter, tap] = [
      i % channels,
      Math.floor(i / channels) % perGroup,
      Math.floor(i / channels / perGroup),
    ];
    const output = Math.floor(channel / inputs) * perGroup + filter;
    result[(tap * inputs + (channel % inputs)) * outputs + output] = value;
  });
  return { ...rest, shape: [height, width, inputs, outputs], data: result };
}

export async function inspect(model: Model, images: Images, row: number): Promise<Inspection> {
  const x = inputOf(model, pick(images, [row]).x);
  const before = model.iterations;
  const kernels = await kernelsOf(model);
  const { layers, prediction, saliency } = await model.inspect(x);
  const logits = prediction.data;
  const fake = fakeProbability(logits[0]!, logits[1]!);
  const shape = [...x.shape.slice(1)];
  return {
    row,
    input: { shape, data: x.data },
    layers: layers.map(({ name, type, className, output, argmax }, i): LayerOutput => {
      const outputShape = [...output.shape.slice(1)];
      const options = { ...model.layers[i]!.options } as Record<string, unknown>;
      const window = type === 'maxPool2d' ? { window: windowOf(options) } : {};
      const weights = model.layers[i]!.weights.map(({ name, spec }) => ({ name, shape: [...spec.shape] }));
      const made = { name, type, className, shape: outputShape, data: output.data, weights, options };
      return { ...made, ...(argmax ? { argmax } : {}), ...window };
    }),
    kernels,
    settled: model.iterations === before,
    logits,
    probabilities: Float32Array.of(1 - fake, fake),
    saliency: { shape, data: saliency.data },
  };
}

interface PoolOptions {
  poolSize?: number | [number, number];
  strides?: number | [number, number];
}

/** With the defaults of the layer. */
function windowOf({ poolSize = 2, strides = poolSize }: PoolOptions): NonNullable<LayerOutput['window']> {
  const pair = (value: number | [number, number]): [number, number] =>
    typeof value === 'number' ? [value, value] : value;
  return { size: pair(poolSize), strides: pair(strides) };
}
