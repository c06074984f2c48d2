/** Random layers that fit each other, with all the options that there are. */
import { type LayerSpec, layers } from '../../src/index.ts';
import type { ActivationName } from '../../src/nn/activations.ts';
import type { Initializer } from '../../src/nn/initializers.ts';
import { layerType } from '../../src/nn/layers/index.ts';
import { type LossName, lossByName } from '../../src/nn/losses.ts';
import { Network } from '../../src/nn/network.ts';
import { checkLossInput } from '../../src/nn/step/lossInput.ts';
import { elements, type Shape } from '../../src/tensor.ts';
import type { Choices } from './choices.ts';
import { drawTransposed, drawWindow } from './shapes.ts';

type Pair = readonly [number, number];

/** What a layer makes of one example is kept below this: TensorFlow.js computes it on the CPU. */
const MOST_ELEMENTS = 1200;

export const ACTIVATIONS: readonly ActivationName[] = [
  'linear',
  'relu',
  'tanh',
  'sigmoid',
  'elu',
  'leakyRelu',
  'gelu',
  'softplus',
  'softmax',
  'logSoftmax',
];
/** Of sizes that neither vanish nor explode within a few layers. */
const KERNELS: readonly Initializer[] = [
  'glorotUniform',
  'heNormal',
  'lecunUniform',
  'glorotNormal',
  'heUniform',
  'lecunNormal',
  { name: 'randomUniform', low: -0.3, high: 0.3 },
  { name: 'randomNormal', mean: 0.02, stddev: 0.2 },
];
const VECTORS: readonly Initializer[] = ['zeros', 'ones', { name: 'constant', value: 0.5 }, { name: 'randomNormal', stddev: 0.5 }]; // biome-ignore format: a list

/** One shape's layer, by its own numbers. Absent: a shape that it does not take. */
type Draw = (choose: Choices, shape: Shape) => LayerSpec;

/** The rarer options of every layer with weights. */
function common(choose: Choices) {
  return choose.chance(8) ? { trainable: false } : {};
}

const CHANNELS = [4, 1, 3, 8, 2, 5, 12, 16];

const image: Readonly<Record<string, Draw>> = {
  conv2d(choose, shape) {
    const { kernel, strides, dilation, padding } = drawWindow(choose, shape, { kernel: 5, dilation: 3 }, false);
    const divisors = [1, shape[2]!, 2, 4].filter((n) => shape[2]! % n === 0);
    const groups = choose.chance(3) ? choose.of(divisors) : 1;
    const filters = choose.of(CHANNELS.filter((n) => n % groups === 0).concat(groups));
    return layers.conv2d({
      filters,
      kernelSize: kernel,
      strides,
      padding: padding as 'same',
      dilationRate: dilation,
      groups,
      ...convolutional(choose),
      kernelInitializer: choose.of(KERNELS),
    });
  },
  conv2dTranspose(choose, shape) {
    const { w, window } = drawTransposed(choose, [shape[0]!, shape[1]!]);
    const { dilation, strides, padding, ...more } = window;
    const divisors = [1, shape[2]!, 2, 4].filter((n) => shape[2]! % n === 0);
    const groups = choose.chance(3) ? choose.of(divisors) : 1;
    return layers.conv2dTranspose({
      filters: groups * choose.of([1, 2, 3, 4]),
      kernelSize: w,
      strides,
      padding,
      dilationRate: dilation,
      groups,
      ...more,
      ...convolutional(choose),
      kernelInitializer: choose.of(KERNELS),
    });
  },
  maxPool2d: (choose, shape) => layers.maxPool2d(pool(choose, shape)),
  batchNormalization,
  depthwiseConv2d(choose, shape) {
    const { kernel, strides, dilation, padding } = drawWindow(choose, shape, { kernel: 5, dilation: 3 }, false);
    return layers.depthwiseConv2d({
      kernelSize: kernel,
      strides,
      padding: padding as 'same',
      dilationRate: dilation,
      depthMultiplier: choose.of([1, 2, 3]),
      ...convolutional(choose),
      depthwiseInitializer: choose.of(KERNELS),
    });
  },
  avgPool2d: (choose, shape) => layers.avgPool2d(pool(choose, shape)),
  activation,
  zeroPadding2d(choose) {
    const n = () => choose.below(3);
    return layers.zeroPadding2d({ padding: choose.of([n(), [n(), n()], [[n(), n()], [n(), n()]]]) as number }); // biome-ignore format: pairs
  },
  upSampling2d: (choose) =>
    layers.upSampling2d({
      size: [1 + choose.below(3), 1 + choose.below(3)],
      interpolation: choose.of(['nearest', 'bilinear']),
    }),
  dropout,
  rescaling,
  reshape: (choose, [h, w, c]) => layers.reshape({ targetShape: choose.of([[w!, h!, c!], [h! * w!, 1, -1], [-1, c!, w!]]) }), // biome-ignore format: a list
  flatten: () => layers.flatten(),
  globalAvgPool2d: () => layers.globalAvgPool2d(),
};

const vector: Readonly<Record<string, Draw>> = {
  dense: (choose) =>
    layers.dense({
      units: choose.of([4, 1, 7, 16, 3, 33]),
      activation: choose.of(ACTIVATIONS),
      useBias: !choose.chance(4),
      kernelInitializer: choose.of(KERNELS),
      biasInitializer: choose.of(VECTORS),
      ...common(choose),
    }),
  activation,
  batchNormalization,
  dropout,
  rescaling,
  reshape: (_, [n]) => layers.reshape({ targetShape: n! % 2 === 0 ? [2, n! / 2, 1] : [1, 1, n!] }),
};

function convolutional(choose: Choices) {
  return {
    activation: choose.chance(2) ? choose.of(ACTIVATIONS) : 'relu',
    useBias: !choose.chance(4),
    biasInitializer: choose.of(VECTORS),
    ...common(choose),
  } as const;
}

/** Half of them edge to edge and not padded, which is what fuses with a convolution. */
function pool(choose: Choices, shape: Shape) {
  const { kernel, strides, padding } = drawWindow(choose, shape, { kernel: 4, dilation: 1 }, true);
  if (!choose.chance(2)) return { poolSize: kernel.map((n, axis) => Math.min(n, shape[axis]!)) as unknown as Pair };
  return { poolSize: kernel, strides, padding: padding as 'same' };
}

function batchNormalization(choose: Choices): LayerSpec {
  return layers.batchNormalization({
    momentum: choose.of([0.9, 0.5, 0]),
    epsilon: choose.of([1e-3, 1e-1]),
    center: !choose.chance(4),
    scale: !choose.chance(4),
    gammaInitializer: choose.of(['ones', ...VECTORS]),
    betaInitializer: choose.of(VECTORS),
    ...common(choose),
  });
}

function activation(choose: Choices): LayerSpec {
  return layers.activation({ activation: choose.of(ACTIVATIONS) });
}

function dropout(choose: Choices): LayerSpec {
  return layers.dropout({ rate: choose.of([0, 0.5, 0.25, 0.1]) });
}

function rescaling(choose: Choices): LayerSpec {
  return layers.rescaling({ scale: choose.of([0.5, -1, 1.25]), offset: choose.of([0, 0.1, -0.3]) });
}

export function outputShape({ type, options }: LayerSpec, shape: Shape): Shape {
  return layerType(type).build(options, shape, type).outputShape;
}

/** Layers, one for each list of numbers, and those that the loss asks for at the end. */
export function drawLayers(
  inputShape: Shape,
  lists: readonly Choices[],
  loss: LossName,
  choose: Choices,
): readonly LayerSpec[] {
  const specs: LayerSpec[] = choose.chance(8) ? [layers.input({ inputShape })] : [];
  let shape = inputShape;
  const push = (drawn: LayerSpec) => {
    shape = outputShape(drawn, shape);
    const spec = withoutConstant(drawn, shape);
    specs.push(specs.length > 0 ? spec : { ...spec, options: { ...spec.options, inputShape } });
  };
  for (const list of lists) {
    const kinds = shape.length === 3 ? image : vector;
    // Convolutions are what there is most to go wrong in.
    const names = Object.keys(kinds);
    const type = list.of([names[0]!, ...names]);
    const spec = kinds[type]!(list, shape);
    push(
      elements(outputShape(spec, shape)) <= MOST_ELEMENTS
        ? spec
        : layers.avgPool2d({ poolSize: [1, 1], strides: [2, 2] }),
    );
  }
  const entropy = loss.endsWith('ategoricalCrossentropy');
  const binary = loss === 'binaryCrossentropy';
  if (choose.chance(2) || entropy || (binary && !areLogits(specs))) {
    if (shape.length === 3) push(layers.flatten());
    const own = entropy ? 'linear' : choose.of(['linear', 'tanh', binary ? 'linear' : 'relu'] as const);
    // One class alone is refused.
    push(layers.dense({ units: choose.of([3, 2, 5, 4, 7, entropy ? 6 : 1]), activation: own }));
  }
  return specs;
}

/** A softmax of one number is always 1: such models are refused. */
function withoutConstant(spec: LayerSpec, outputShape: Shape): LayerSpec {
  const { activation } = spec.options as { activation?: ActivationName };
  const constant = outputShape.at(-1) === 1 && (activation === 'softmax' || activation === 'logSoftmax');
  return constant ? { ...spec, options: Object.assign({ ...spec.options }, { activation: 'sigmoid' }) } : spec;
}

/** Whether what the layers give may be logits of binaryCrossentropy. */
function areLogits(specs: readonly LayerSpec[]): boolean {
  const { layers } = new Network(specs, () => 0);
  try {
    checkLossInput(lossByName('binaryCrossentropy'), layers);
    return true;
  } catch {
    return false;
  }
}
