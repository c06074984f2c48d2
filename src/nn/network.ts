/**
 * The layer stack of a model: names, shapes and weights, checked when it is built. It appends its layers to a graph, and needs no
 * device.
 */
import { ArgumentError, NeuriteError, ShapeError, StateError } from '../errors.ts';
import type { Graph } from '../graph.ts';
import type { movingAverage } from '../ops/movingAverage.ts';
import { came, check, checkMethods } from '../options.ts';
import { packVariables } from '../plan/packing.ts';
import { shown } from '../shown.ts';
import { checkShape, elements, formatShape, type Shape, sameShape, type Tensor, type Variable } from '../tensor.ts';
import { checkInitializer, initialValues } from './initializers.ts';
import { checkLayerOptions, layerType } from './layers/index.ts';
import type { BuiltLayer, LayerOptions, LayerSpec, WeightSpec } from './layers/layer.ts';
import { summaryOf } from './summary.ts';

/** A weight of a model: its specification, and the variable that holds its values. */
export interface Weight {
  /** `layer/weight`, as in Keras. */
  readonly name: string;
  readonly spec: WeightSpec;
  readonly variable: Variable;
}

/** A layer of a model. */
export interface Layer {
  readonly name: string;
  readonly type: string;
  /** Keras' class name. */
  readonly className: string;
  readonly options: LayerOptions;
  /** Shape of one example. */
  readonly inputShape: Shape;
  /** Shape of one example. */
  readonly outputShape: Shape;
  readonly weights: readonly Weight[];
  /** Whether training changes the weights. Compile reads it; later changes need another compile. */
  trainable: boolean;
}

/** The context in which a network appends its layers to the graph of a step. */
export interface NetworkContext {
  readonly graph: Graph;
  readonly training: boolean;
  readonly rows: () => Tensor;
  readonly seed: () => Tensor;
  /** See `ApplyContext`. Default: `seed`. */
  readonly exampleSeed?: () => Tensor;
  /** Appends the update of a moving average, at once or later. Default: `movingAverage`. */
  readonly average?: typeof movingAverage;
  /** Called with each layer's output, right after the layer has appended its nodes. */
  readonly onLayer?: (output: Tensor, layer: Layer) => void;
}

/** The context of inference, in which nothing is random. @param rows u32 `[1]`, as in `ApplyContext` */
export function inferenceIn(graph: Graph, rows: Tensor): NetworkContext {
  return { graph, training: false, rows: () => rows, seed: () => rows };
}

/** A stack of layers. */
export class Network {
  readonly specs: readonly LayerSpec[];
  readonly layers: readonly Layer[];
  /** Shape of one example. */
  readonly inputShape: Shape;
  /** Shape of one prediction. */
  readonly outputShape: Shape;
  private readonly built: readonly BuiltLayer[];
  /** The layers that the user can change. They differ from `layers` in a network that `fixed` has made. */
  private readonly given: readonly Layer[];

  /**
   * @param seed gives the seed of the initial weights
   * @throws ArgumentError, ShapeError, which name the layer that does not fit
   */
  constructor(specs: readonly LayerSpec[], seed: () => number) {
    if (!Array.isArray(specs) || specs.length === 0)
      throw new ArgumentError(
        `a model needs a list of one or more layers, as in sequential([layers.dense({ … })]), ${came(specs)}`,
      );
    this.specs = specs;
    const names = new Set<string>();
    const layers: Layer[] = [];
    const built: BuiltLayer[] = [];
    let shape: Shape | undefined;
    specs.forEach((spec, index) => {
      if (typeof spec?.type !== 'string')
        throw new ArgumentError(`layer ${index} must be made by layers.…(), ${came(spec)}`);
      const kind = layerType(spec.type);
      const { build, className } = kind;
      checkLayerOptions(kind, spec.options, `layer ${index} (${spec.type})`);
      const name = uniqueName(spec, names);
      const what = `${spec.type} '${name}'`;
      const inputShape = this.#inputShape(what, shape, spec.options.inputShape);
      const layer = within(what, () => checkedBuilt(what, build(spec.options, inputShape, what)));
      for (const sizes of [inputShape, layer.outputShape, ...layer.weights.map((weight) => weight.shape)]) {
        checkSize(what, sizes);
      }
      const weights = layer.weights.map((weight, k): Weight => {
        const initial = () => initialValues(weight.initializer, weight.shape, [seed(), index, k]);
        const { shape, notNegative } = weight;
        const variable = { name: `${name}/${weight.name}`, shape, dtype: 'f32' as const, initial, notNegative };
        return { name: variable.name, spec: { trainable: true, ...weight }, variable };
      });
      const { outputShape } = layer;
      const { trainable = true } = spec.options;
      layers.push({
        name,
        type: spec.type,
        className,
        options: spec.options,
        inputShape,
        outputShape,
        weights,
        trainable,
      });
      built.push(layer);
      shape = outputShape;
    });
    this.layers = packed(layers);
    this.given = this.layers;
    this.built = built;
    this.inputShape = layers[0]!.inputShape;
    this.outputShape = layers.at(-1)!.outputShape;
  }

  /** All weights, in Keras' order: layer by layer. */
  get weights(): readonly Weight[] {
    return this.layers.flatMap((layer) => layer.weights);
  }

  /** Weights that a gradient step changes. */
  get trainableWeights(): readonly Weight[] {
    return this.layers.flatMap((layer) => (layer.trainable ? layer.weights.filter((w) => w.spec.trainable) : []));
  }

  /** The same network with a copy of its layers, which later changes of `trainable` do not affect. */
  fixed(): Network {
    const layers = this.layers.map((layer) => ({ ...layer }));
    return Object.assign(Object.create(Network.prototype), this, { layers, given: this.layers });
  }

  /** The same network, whose first layers are objects that a caller may hold, brought up to date. Their `trainable` stays. */
  keeping(held: readonly Layer[]): Network {
    const layers = this.layers.map((layer, i) =>
      Object.assign(held[i] ?? {}, layer, { trainable: held[i]?.trainable ?? layer.trainable }),
    );
    return Object.assign(Object.create(Network.prototype), this, { layers, given: layers });
  }

  /** @throws StateError if a layer's `trainable` has changed since `fixed` made this network */
  checkTrainable(what: string): void {
    const changed = this.given.find(
      ({ trainable, weights }, i) => weights.length > 0 && trainable !== this.layers[i]!.trainable,
    );
    if (!changed) return;
    const { name, trainable } = changed;
    throw new StateError(
      `${what}: layer '${name}' was ${trainable ? 'unfrozen' : 'frozen'} after compile, which decides what is trained. Compile again: ` +
        'model.compile({ recompile: true, optimizer, loss, … }); the weights stay.',
    );
  }

  /** Appends all layers to a graph and returns the last output. @param x `[n, ...inputShape]` */
  apply(x: Tensor, context: NetworkContext): Tensor {
    return this.built.reduce((value, built, index) => {
      const layer = this.layers[index]!;
      const { type, name, weights, trainable } = layer;
      const tensors = weights.map(({ variable }) => context.graph.variable(variable));
      const own = { ...context, exampleSeed: context.exampleSeed ?? context.seed, trainable, index };
      const append = () => within(`${type} '${name}'`, () => built.apply(value, tensors, own));
      const output = context.graph.scope(name, append, { layer: name });
      checkOutput(layer, output);
      context.onLayer?.(output, layer);
      return output;
    }, x);
  }

  /** Keras' table of layers, output shapes and parameters. */
  summary(): string {
    return summaryOf(this.layers);
  }

  #inputShape(what: string, previous: Shape | undefined, given: Shape | undefined): Shape {
    if (Array.isArray(given) && given[0] === null) {
      const example = formatShape(given.slice(1));
      throw new ShapeError(`${what}: inputShape is the shape of one example, without the batch: write ${example}.`);
    }
    if (given !== undefined) checkShape(`${what}: inputShape`, given);
    if (!previous) {
      if (!given) throw new ArgumentError(`${what} is the first layer, so it needs an inputShape (without the batch).`);
      return given;
    }
    if (given && given.join() !== previous.join()) {
      throw new ShapeError(
        `${what}: its inputShape [${given}] is not the output of the layer before it, [${previous}].`,
      );
    }
    return previous;
  }
}

/** Runs code of a layer. @throws ArgumentError, ShapeError, which name the layer, for what it throws, which is the cause */
function within<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const { message = String(cause) } = Object(cause) as Partial<Error>;
    if (cause instanceof NeuriteError && message.includes(what)) throw cause;
    throw new (cause instanceof ShapeError ? ShapeError : ArgumentError)(`${what}: ${message}`, { cause });
  }
}

/** @throws ArgumentError, ShapeError for what is no layer: `build` may be of the caller's own */
function checkedBuilt(what: string, built: BuiltLayer): BuiltLayer {
  checkMethods(`${what}: what build returns`, built, ['apply']);
  check(what, 'weights', built.weights, 'list');
  checkShape(`${what}: outputShape`, built.outputShape);
  for (const { name, shape, initializer } of built.weights) {
    check(what, 'name of a weight', name, 'text');
    checkShape(`${what}: ${name}`, shape);
    checkInitializer(`${what}: ${name}`, 'initializer', initializer);
  }
  return built;
}

/** @throws ArgumentError, ShapeError if a layer, of the caller's own perhaps, gives something else than it has said */
function checkOutput({ name, type, outputShape }: Layer, output: Tensor): void {
  const shape = (output as Partial<Tensor> | undefined)?.shape;
  if (!shape) throw new ArgumentError(`${type} '${name}': apply must return a tensor, ${came(output)}`);
  if (!sameShape(shape.slice(1), outputShape)) {
    throw new ShapeError(
      `${type} '${name}': its outputShape is ${formatShape(outputShape)}, and apply returns ${formatShape(shape)}, the batch first.`,
    );
  }
}

/** The layers with their trainable weights packed into common buffers, so that one dispatch can update many of them. */
function packed(layers: readonly Layer[]): Layer[] {
  const trainable = layers.flatMap(({ weights }) => weights.filter(({ spec }) => spec.trainable));
  const places = packVariables(
    'weights',
    trainable.map(({ variable }) => variable),
  );
  const variableOf = new Map(trainable.map((weight, i) => [weight, places[i]!]));
  return layers.map((layer) => ({
    ...layer,
    weights: layer.weights.map((weight) => ({ ...weight, variable: variableOf.get(weight) ?? weight.variable })),
  }));
}

/** @throws ShapeError for 2^32 elements or more, which the 32-bit indices of a shader cannot count */
function checkSize(what: string, shape: Shape): void {
  if (elements(shape) < 2 ** 32) return;
  throw new ShapeError(`${what} is too large: ${formatShape(shape)} has 2^32 elements or more; no device takes them.`);
}

/** The given name, which must be unique, or else the type with the first free number: `conv2d`, `conv2d_1`, … */
function uniqueName({ type, options }: LayerSpec, taken: Set<string>): string {
  let name = options.name ?? type;
  if (taken.has(name)) {
    if (options.name) throw new ArgumentError(`two layers are named ${shown(name)}.`);
    let number = 1;
    while (taken.has(`${type}_${number}`)) number++;
    name = `${type}_${number}`;
  }
  taken.add(name);
  return name;
}
