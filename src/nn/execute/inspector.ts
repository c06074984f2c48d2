/**
 * Runs a network on examples in inference mode and reads back the output of every layer, with the saliency of the examples. This
 * is what `model.inspect` returns.
 */
import { gradients } from '../../autodiff.ts';
import type { TensorData } from '../../data/dataset.ts';
import { graph } from '../../graph.ts';
import { NDArray } from '../../ndarray/ndarray.ts';
import { max } from '../../ops/index.ts';
import { plan } from '../../plan/plan.ts';
import type { PlanOptions } from '../../plan/types.ts';
import type { Device } from '../../runtime/device.ts';
import { Session } from '../../runtime/session.ts';
import type { Arena, VariableStore } from '../../runtime/storage.ts';
import { elements, type Tensor } from '../../tensor.ts';
import { inferenceIn, type Layer, type Network } from '../network.ts';
import type { MemoryBudget } from './memoryBudget.ts';

/** The output of one layer for the examples. */
export interface LayerInspection {
  readonly name: string;
  readonly type: string;
  /** Keras' class name. */
  readonly className: string;
  /** `[n, ...outputShape]` */
  readonly output: NDArray<Float32Array>;
  /** For max-pool layers, in the shape of the output: position of the maximum in its window, `row * width + column`. */
  readonly argmax?: Uint32Array;
}

/** The outputs of all layers for some examples. */
export interface Inspection {
  readonly layers: readonly LayerInspection[];
  readonly prediction: NDArray<Float32Array>;
  /**
   * Gradient of each example's largest output with respect to the example, `[n, ...inputShape]`: it shows which inputs the
   * prediction depends on most. If several outputs share the maximum, it is the mean of their gradients.
   */
  readonly saliency: NDArray<Float32Array>;
}

/** What an inspector needs: the device, the memory that it shares, and a callback for its destruction. */
export interface InspectorContext {
  readonly device: Device;
  readonly variables: VariableStore;
  readonly arena: Arena;
  readonly onDestroy?: (inspector: Inspector) => void;
}

interface LayerTensors {
  readonly layer: Layer;
  readonly output: Tensor;
  readonly argmax: Tensor | undefined;
}

/** Runs a network on a fixed number of examples at once, in inference mode, and returns the output of every layer. */
export class Inspector {
  /** Number of examples that one run takes. */
  readonly size: number;
  readonly #session: Session;
  readonly #onDestroy: InspectorContext['onDestroy'];
  readonly #x: Tensor;
  readonly #rows: Tensor;
  readonly #layers: readonly LayerTensors[];
  readonly #prediction: Tensor;
  readonly #saliency: Tensor;

  private constructor(
    size: number,
    parts: { session: Session } & ReturnType<typeof build>,
    onDestroy: InspectorContext['onDestroy'],
  ) {
    this.size = size;
    this.#onDestroy = onDestroy;
    this.#session = parts.session;
    this.#x = parts.x;
    this.#rows = parts.rows;
    this.#layers = parts.layers;
    this.#prediction = parts.prediction;
    this.#saliency = parts.saliency;
  }

  static async create(
    network: Network,
    size: number,
    { device, variables, arena, onDestroy }: InspectorContext,
    options?: PlanOptions,
  ): Promise<Inspector> {
    const parts = build(network, size);
    const session = await Session.create(device, plan(parts.graph, outputsOf(parts), options), { variables, arena });
    return new Inspector(size, { session, ...parts }, onDestroy);
  }

  /** An error if an inspector for `size` examples does not fit beside the memory that the model holds; undefined if it fits. */
  static misfit(network: Network, size: number, memory: MemoryBudget, options?: PlanOptions): Error | undefined {
    const parts = build(network, size);
    const outputs = outputsOf(parts);
    const staging = outputs.reduce((sum, { shape }) => sum + 4 * elements(shape), 0);
    return memory.misfitBeside(plan(parts.graph, outputs, options), staging, size);
  }

  /** Bytes of the buffers that belong to this inspector alone. */
  get bytes(): number {
    return this.#session.bytes;
  }

  /** @param x `[n, ...inputShape]`; if n is more than `size`, parts of `size` examples run one after another */
  async run(x: TensorData): Promise<Inspection> {
    const { size } = this;
    const [n, ...shape] = x.shape as [number, ...number[]];
    if (n === size) return this.#run(x.data);
    const length = size * elements(shape);
    const parts: Inspection[] = [];
    for (let at = 0; at < x.data.length; at += length) {
      const data = new Float32Array(length); // rows behind the last example are zeros
      data.set(x.data.subarray(at, at + length));
      parts.push(await this.#run(data));
    }
    return joined(parts, n);
  }

  async #run(x: Float32Array): Promise<Inspection> {
    const session = this.#session;
    session.write(this.#x, x);
    if (session.uses(this.#rows)) session.write(this.#rows, Uint32Array.of(this.size));
    const parts = { layers: this.#layers, prediction: this.#prediction, saliency: this.#saliency };
    const outputs = outputsOf(parts);
    const values = await session.runAndRead(outputs);
    const dataOf = (tensor: Tensor) => values[outputs.indexOf(tensor)]!;
    const floats = (tensor: Tensor) => new NDArray(dataOf(tensor) as Float32Array, [...tensor.shape], 'float32');
    return {
      layers: this.#layers.map(({ layer: { name, type, className }, output, argmax }) => ({
        name,
        type,
        className,
        output: floats(output),
        ...(argmax ? { argmax: dataOf(argmax) as Uint32Array } : {}),
      })),
      prediction: floats(this.#prediction),
      saliency: floats(this.#saliency),
    };
  }

  destroy(): void {
    this.#session.destroy();
    this.#onDestroy?.(this);
  }
}

/** Concatenates inspections and keeps their first `n` examples. */
function joined(parts: readonly Inspection[], n: number): Inspection {
  const join = (of: (part: Inspection) => NDArray<Float32Array>) => {
    const shape = [n, ...of(parts[0]!).shape.slice(1)];
    const data: Float32Array = new Float32Array(elements(shape));
    fill(
      data,
      parts.map((part) => of(part).data),
    );
    return new NDArray(data, shape, 'float32');
  };
  return {
    layers: parts[0]!.layers.map((layer, i) => {
      const output = join((part) => part.layers[i]!.output);
      if (!layer.argmax) return { ...layer, output };
      const argmax = new Uint32Array(output.data.length);
      fill(
        argmax,
        parts.map((part) => part.layers[i]!.argmax!),
      );
      return { ...layer, output, argmax };
    }),
    prediction: join(({ prediction }) => prediction),
    saliency: join(({ saliency }) => saliency),
  };
}

/** Concatenates arrays into `target`, and drops what exceeds its length. */
function fill<T extends Float32Array | Uint32Array>(target: T, arrays: readonly T[]): void {
  let at = 0;
  for (const array of arrays) {
    target.set(array.subarray(0, target.length - at), at);
    at += array.length;
  }
}

function build(network: Network, size: number) {
  const g = graph();
  const x = g.input('x', [size, ...network.inputShape]);
  const rows = g.input('rows', [1], 'u32');
  const layers: LayerTensors[] = [];
  const prediction = network.apply(x, {
    ...inferenceIn(g, rows),
    onLayer(output, layer) {
      // `argmax` is the second output of the max-pool op, which is the node that the layer has just appended.
      const argmax = layer.type === 'maxPool2d' ? g.nodes.at(-1)!.outputs[1] : undefined;
      layers.push({ layer, output, argmax });
    },
  });
  const largest = max(prediction, { axes: prediction.shape.map((_, axis) => axis).slice(1) });
  const [saliency] = g.scope('saliency', () => gradients(largest, [x]));
  return { graph: g, x, rows, layers, prediction, saliency: saliency! };
}

/** All tensors to read back, each once: a layer that computes nothing has the same output tensor as the layer before it. */
function outputsOf(parts: { layers: readonly LayerTensors[]; prediction: Tensor; saliency: Tensor }): Tensor[] {
  const { layers, prediction, saliency } = parts;
  const all = [...layers.flatMap(({ output, argmax }) => (argmax ? [output, argmax] : [output])), prediction, saliency];
  return [...new Set(all)];
}
