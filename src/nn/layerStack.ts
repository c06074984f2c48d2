/** The layers of a model before and after it is compiled: adding one, their shapes, and the summary. */
import { ArgumentError } from '../errors.ts';
import type { Shape } from '../tensor.ts';
import type { LayerSpec } from './layers/layer.ts';
import { type Layer, Network } from './network.ts';
import { count } from './summary.ts';

/** A stack of layers. */
export class LayerStack {
  #network: Network | undefined;
  /** Seed of the initial weights. */
  protected seed = 0;

  constructor(specs?: readonly LayerSpec[]) {
    if (specs !== undefined) this.#network = new Network(specs, () => this.seed);
  }

  /** Adds a layer behind the others. @throws ShapeError, ArgumentError, which name the layer; the model stays as it was */
  add(layer: LayerSpec): void {
    const { specs = [], layers = [] } = this.#network ?? {};
    const network = new Network([...specs, layer], () => this.seed);
    // The layers that the caller has seen stay the layers of the model, with what was set in them.
    this.#network = network.keeping(layers);
  }

  /**
   * The layers in order. To freeze a layer, set its `trainable` to false before compile. After a change of `trainable`, calls
   * that train throw a StateError until the model is compiled again.
   */
  get layers(): readonly Layer[] {
    return this.#network?.layers ?? [];
  }

  /** Shape of one example. */
  get inputShape(): Shape {
    return this.network.inputShape;
  }

  /** Shape of one prediction. */
  get outputShape(): Shape {
    return this.network.outputShape;
  }

  /** Keras' table of layers, output shapes and parameters, as text. */
  summary(): string {
    return this.network.summary();
  }

  /** Number of parameters, trainable or not. */
  countParams(): number {
    return count(this.#network?.weights ?? []);
  }

  /** @throws ArgumentError if there are no layers yet */
  protected get network(): Network {
    if (this.#network) return this.#network;
    throw new ArgumentError('the model has no layers yet: model.add(layers.dense({ inputShape: [4], units: 2 })).');
  }
}
