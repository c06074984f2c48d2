import type { Graph } from '../../graph.ts';
import type { movingAverage } from '../../ops/movingAverage.ts';
import type { Kind } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import type { Initializer } from '../initializers.ts';

/** Options that every layer takes. */
export interface LayerOptions {
  /** Unique in its model; by default the layer's type, numbered. */
  readonly name?: string;
  /** Whether training changes its weights. Default true. */
  readonly trainable?: boolean;
  /** Shape of one example, without the batch. The first layer of a model needs it. */
  readonly inputShape?: Shape;
}

/** A layer as plain data: what `layers.x(...)` returns, what a model is built from, and what a file stores. */
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
  /** False for what training updates otherwise than by a gradient: moving averages. */
  readonly trainable: boolean;
  /** Nothing is ever below 0: variances. */
  readonly notNegative?: boolean;
}

/** What a layer is told when it appends its nodes. */
export interface ApplyContext {
  readonly graph: Graph;
  /** Whether dropout drops, and batch-norm uses the batch's statistics. */
  readonly training: boolean;
  /** Whether this layer's weights are trained; a frozen batch-norm works as in inference. */
  readonly trainable: boolean;
  /** u32 `[1]`: how many leading rows of the batch are real; the rest is padding. */
  readonly rows: () => Tensor;
  /** u32 `[1]`: a number that differs from step to step. */
  readonly seed: () => Tensor;
  /** Appends the update of a moving average, or has it appended later. Default: `movingAverage`. */
  readonly average?: typeof movingAverage;
  /** The layer's index in its model: sets random streams apart. */
  readonly index: number;
}

/** A layer made for an input shape. Shapes are of one example, without the batch. */
export interface BuiltLayer {
  readonly outputShape: Shape;
  readonly weights: readonly WeightSpec[];
  /** Appends the layer's nodes. `weights` are in the order of the specs. */
  apply(x: Tensor, weights: readonly Tensor[], context: ApplyContext): Tensor;
}

/** What a layer's own options may be. The compiler asks for each of them, and for no other. */
export type OptionKinds<O extends LayerOptions> = Readonly<Record<Exclude<keyof O, keyof LayerOptions>, Kind>>;

/** A kind of layer. */
export interface LayerType<O extends LayerOptions = LayerOptions> {
  readonly type: string;
  /** Keras' class name, shown in the summary. */
  readonly className: string;
  /** Options beside those that every layer takes; what is `any` is for `build` to check. */
  readonly optionKinds: OptionKinds<O>;
  /**
   * @param what `conv2d 'name'`, to begin error messages with
   * @throws ShapeError, ArgumentError for options and shapes that do not fit
   */
  build(options: O, inputShape: Shape, what: string): BuiltLayer;
}
