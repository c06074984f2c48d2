/**
 * The interfaces of a layer: its plain data (`LayerSpec`), its type with options and `build` (`LayerType`), and the built
 * layer for an input shape, which appends nodes to a graph (`BuiltLayer`).
 */
import type { Graph } from '../../graph.ts';
import type { movingAverage } from '../../ops/movingAverage.ts';
import type { Kind } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import type { Initializer } from '../initializers.ts';

/** The options that every layer has. */
export interface LayerOptions {
  /** Name, unique in the model. Default: the layer's type with a number. */
  readonly name?: string;
  /** Whether training changes its weights. Default true. */
  readonly trainable?: boolean;
  /** Shape of one example, without the batch. The first layer of a model needs it. */
  readonly inputShape?: Shape;
}

/** A layer as plain data. The factories `layers.…()` return it, models are built from it, and files store it. */
export interface LayerSpec<O extends LayerOptions = LayerOptions> {
  /** Name of the factory, e.g. `conv2d`. */
  readonly type: string;
  readonly options: O;
}

export interface WeightSpec {
  /** Keras' name within the layer: `kernel`, `bias`, `gamma`, … */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** False for moving averages, which training updates without a gradient. Default true. */
  readonly trainable?: boolean;
  /** Whether values below 0 are invalid, as for variances. */
  readonly notNegative?: boolean;
}

/** The context in which a layer appends its nodes. */
export interface ApplyContext {
  readonly graph: Graph;
  /** Whether this is a training step: then dropout is active, and batch-norm uses the statistics of the batch. */
  readonly training: boolean;
  /** Whether this layer's weights are trained. If not, batch-norm works as in inference. */
  readonly trainable: boolean;
  /** u32 `[1]`: number of leading rows that hold examples; the rest is padding. */
  readonly rows: () => Tensor;
  /** u32 `[1]`: seed of the random numbers, another one for each step. */
  readonly seed: () => Tensor;
  /**
   * The seed for what is drawn once for each example: u32 `[1]`, or `[2]` with the number of x's first example in the batch after it.
   * It is the same for all micro-batches of a step, so that a draw depends on an example's place in the batch, not on memory.
   */
  readonly exampleSeed: () => Tensor;
  /** Appends the update of a moving average, at once or later. Default: `movingAverage`. */
  readonly average?: typeof movingAverage;
  /** The layer's index in its model, so that each layer has its own random stream. */
  readonly index: number;
}

/** A layer made for an input shape. Shapes are of one example, without the batch. */
export interface BuiltLayer {
  readonly outputShape: Shape;
  readonly weights: readonly WeightSpec[];
  /** Appends the layer's nodes. `weights` are in the order of the specs. */
  apply(x: Tensor, weights: readonly Tensor[], context: ApplyContext): Tensor;
}

/** The type of each of a layer's own options. TypeScript requires exactly one entry per option. */
export type OptionKinds<O extends LayerOptions> = Readonly<Record<Exclude<keyof O, keyof LayerOptions>, Kind>>;

/** A type of layer. */
export interface LayerType<O extends LayerOptions = LayerOptions> {
  readonly type: string;
  /** Keras' class name, shown in the summary. */
  readonly className: string;
  /** The types of the layer's own options. `build` checks those marked `any`. */
  readonly optionKinds: OptionKinds<O>;
  /**
   * @param what beginning of error messages, such as `conv2d 'name'`
   * @throws ShapeError, ArgumentError for options and shapes that do not fit
   */
  build(options: O, inputShape: Shape, what: string): BuiltLayer;
}
