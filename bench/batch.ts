/** The input of every library: a network, its initial weights and a batch, as plain data made from a seed. */

/** A layer of a preset, as plain data. */
export interface LayerData {
  readonly type: string;
  readonly options: {
    readonly inputShape?: readonly number[];
    readonly filters?: number;
    readonly units?: number;
    readonly kernelSize?: number | readonly [number, number];
    readonly poolSize?: number | readonly [number, number];
    readonly activation?: string;
  };
}

export interface WeightData {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Images `[n, ...inputShape]` and a class for each. */
export interface Batch {
  readonly x: { readonly data: Float32Array<ArrayBuffer>; readonly shape: readonly number[] };
  readonly y: Int32Array<ArrayBuffer>;
}

/** A layer with its shapes, without the batch axis, and its weights (kernel, bias). */
export interface SizedLayer extends LayerData {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly weights: readonly WeightData[];
}

/**
 * A learning rate at which every step on a batch of noise lowers the loss. Without peers, the engine is checked by
 * this. With Adam's usual 0.001, the loss of the baseline first jumps up. The times do not depend on it.
 */
export const LEARNING_RATE = 1e-5;
export const CLASSES = 2;

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Noise images with values in [0, 1), and classes in turn. */
export function makeBatch(size: number, imageShape: readonly number[], seed = 1): Batch {
  const random = uniform(seed);
  const data = new Float32Array(size * product(imageShape)).map(random);
  return { x: { data, shape: [size, ...imageShape] }, y: new Int32Array(size).map((_, i) => i % CLASSES) };
}

/**
 * Shapes and first weights of a network: Glorot-uniform kernels, zero biases, in Keras' order.
 * @throws Error for a layer that the comparison does not know; every library must build it
 */
export function sizedLayers(layers: readonly LayerData[], seed = 2): SizedLayer[] {
  const random = uniform(seed);
  let input = layers[0]!.options.inputShape!;
  return layers.map((layer) => {
    const sized = size(layer, input, random);
    input = sized.output;
    return sized;
  });
}

function size(layer: LayerData, input: readonly number[], random: () => number): SizedLayer {
  const { type, options } = layer;
  const [height, width, channels] = input as [number, number, number];
  switch (type) {
    case 'conv2d': {
      const [kh, kw] = both(options.kernelSize!);
      const filters = options.filters!;
      const kernel = glorot([kh, kw, channels, filters], kh * kw * channels, kh * kw * filters, random);
      const output = [height - kh + 1, width - kw + 1, filters];
      return { ...layer, input, output, weights: [kernel, zeros(filters)] };
    }
    case 'maxPool2d': {
      const [ph, pw] = both(options.poolSize!);
      return {
        ...layer,
        input,
        output: [Math.floor(height / ph), Math.floor(width / pw), channels],
        weights: [],
      };
    }
    case 'flatten':
      return { ...layer, input, output: [product(input)], weights: [] };
    case 'dense': {
      const units = options.units!;
      const kernel = glorot([input[0]!, units], input[0]!, units, random);
      return { ...layer, input, output: [units], weights: [kernel, zeros(units)] };
    }
    default:
      throw new Error(`bench: no peer builds layers of type ${type}; add it to bench/batch.ts and bench/peers/.`);
  }
}

function glorot(shape: readonly number[], fanIn: number, fanOut: number, random: () => number): WeightData {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return { shape, data: new Float32Array(product(shape)).map(() => limit * (2 * random() - 1)) };
}

function zeros(length: number): WeightData {
  return { shape: [length], data: new Float32Array(length) };
}

/** `4` as `[4, 4]`. */
export function both(size: number | readonly [number, number]): readonly [number, number] {
  return typeof size === 'number' ? [size, size] : size;
}

export function product(shape: readonly number[]): number {
  return shape.reduce((total, length) => total * length, 1);
}
