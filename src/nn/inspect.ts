import { gradients } from '../autodiff.ts';
import type { TensorData } from '../data/dataset.ts';
import { graph } from '../graph.ts';
import { max } from '../ops/index.ts';
import { type PlanOptions, plan } from '../plan.ts';
import type { Device } from '../runtime/device.ts';
import { Session } from '../runtime/session.ts';
import type { Arena, VariableStore } from '../runtime/storage.ts';
import type { Tensor } from '../tensor.ts';
import type { Layer, Network } from './network.ts';

/** What one layer made of the examples. */
export interface LayerInspection {
  readonly name: string;
  readonly type: string;
  /** Keras' class name. */
  readonly className: string;
  /** `[n, ...outputShape]` */
  readonly output: TensorData;
  /** Of max-pool layers, in the output's shape: which tap of its window was chosen, `row * width + column`. */
  readonly argmax?: Uint32Array;
}

/** What a model made of some examples, layer by layer. */
export interface Inspection {
  readonly layers: readonly LayerInspection[];
  readonly prediction: TensorData;
  /**
   * Gradient of each example's largest output by the example, `[n, ...inputShape]`: where the evidence lies. Where several
   * outputs share the maximum it is the mean of theirs.
   */
  readonly saliency: TensorData;
}

interface LayerTensors {
  readonly layer: Layer;
  readonly output: Tensor;
  readonly argmax: Tensor | undefined;
}

/** Runs a network on a fixed number of examples, in inference mode, and keeps what every layer made of them. */
export class Inspector {
  /** Number of examples. */
  readonly size: number;
  readonly #session: Session;
  readonly #x: Tensor;
  readonly #rows: Tensor;
  readonly #layers: readonly LayerTensors[];
  readonly #prediction: Tensor;
  readonly #saliency: Tensor;

  private constructor(size: number, parts: { session: Session } & ReturnType<typeof build>) {
    this.size = size;
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
    { device, variables, arena }: { device: Device; variables: VariableStore; arena: Arena },
    options?: PlanOptions,
  ): Promise<Inspector> {
    const parts = build(network, size);
    const session = await Session.create(device, plan(parts.graph, outputsOf(parts), options), { variables, arena });
    return new Inspector(size, { session, ...parts });
  }

  /** @param x `[size, ...inputShape]` */
  async run(x: TensorData): Promise<Inspection> {
    const session = this.#session;
    session.write(this.#x, x.data);
    if (session.uses(this.#rows)) session.write(this.#rows, Uint32Array.of(this.size));
    const parts = { layers: this.#layers, prediction: this.#prediction, saliency: this.#saliency };
    const outputs = outputsOf(parts);
    const values = await session.runAndRead(outputs);
    const dataOf = (tensor: Tensor) => values[outputs.indexOf(tensor)]!;
    const floats = (tensor: Tensor): TensorData => ({ data: dataOf(tensor) as Float32Array, shape: tensor.shape });
    return {
      layers: this.#layers.map(({ layer: { name, type, className }, output, argmax }) => ({
        ...{ name, type, className },
        output: floats(output),
        ...(argmax ? { argmax: dataOf(argmax) as Uint32Array } : {}),
      })),
      prediction: floats(this.#prediction),
      saliency: floats(this.#saliency),
    };
  }

  destroy(): void {
    this.#session.destroy();
  }
}

function build(network: Network, size: number) {
  const g = graph();
  const x = g.input('x', [size, ...network.inputShape]);
  const rows = g.input('rows', [1], 'u32');
  const layers: LayerTensors[] = [];
  const prediction = network.apply(x, {
    graph: g,
    training: false,
    rows: () => rows,
    seed: () => rows, // nothing is random in inference
    onLayer(output, layer) {
      // The op's second output; the layer has just appended it.
      const argmax = layer.type === 'maxPool2d' ? g.nodes.at(-1)!.outputs[1] : undefined;
      layers.push({ layer, output, argmax });
    },
  });
  const largest = max(prediction, { axes: prediction.shape.map((_, axis) => axis).slice(1) });
  const [saliency] = g.scope('saliency', () => gradients(largest, [x]));
  return { graph: g, x, rows, layers, prediction, saliency: saliency! };
}

/** All that is read back, each tensor once: layers that compute nothing share theirs with the one before. */
function outputsOf(parts: { layers: readonly LayerTensors[]; prediction: Tensor; saliency: Tensor }): Tensor[] {
  const { layers, prediction, saliency } = parts;
  const all = [...layers.flatMap(({ output, argmax }) => (argmax ? [output, argmax] : [output])), prediction, saliency];
  return [...new Set(all)];
}
