/** The types of a model in a worker. They come from those of `Model`, so that the two cannot drift apart. */
import type { Dataset, Labels } from '../data/dataset.ts';
import type { InputData } from '../data/input.ts';
import type { LoadOptions } from '../nn/file/load.ts';
import type { GivenWeight, WeightsReport } from '../nn/file/weights.ts';
import type { Model } from '../nn/model.ts';
import type { Optimizer } from '../nn/optimizers.ts';
import type { RecoveryEvent, RecoveryOptions } from '../nn/recovery/options.ts';
import type { CompileOptions } from '../nn/step/compileOptions.ts';
import type { BatchLogs, History, Logs, Training } from '../nn/train/callbacks.ts';
import type { ClassifyOptions } from '../nn/train/classify.ts';
import type { EvaluateOptions } from '../nn/train/evaluate.ts';
import type { FitOptions } from '../nn/train/fit.ts';
import type { PredictOptions } from '../nn/train/predict.ts';
import type { TrainingData } from '../nn/train/targets.ts';
import type { OptimizerData } from './makers.ts';
import type { LayerData } from './protocol.ts';

/** What every call that takes arrays takes, too. */
export interface TransferOption {
  /**
   * Whether the arrays of this call are handed over to the worker: nothing is copied, and the page has them no more. All of an array's
   * buffer goes, also what other arrays have of it; bitmaps and video frames go, too. Default false: they are copied. Shared memory is
   * neither copied nor handed over.
   */
  readonly transfer?: boolean;
}

/** A training step's recovery, without a device: the worker asks for one. */
export interface RemoteRecoveryOptions extends Omit<RecoveryOptions, 'device' | 'onRecovery'> {
  /** Called and awaited once the model is on another device, before training continues. */
  onRecovery?(event: Omit<RecoveryEvent, 'device'>): void | Promise<void>;
}

/** The running training, as callbacks in the page see and control it. */
export interface RemoteTraining extends Omit<Training, 'model'> {
  readonly model: RemoteModel;
}

/**
 * Hooks of `fit` in the page, as `Callback` has them. Training in the worker waits for those that it waits for in a page. Callbacks of
 * `neurite`, such as `earlyStopping`, will do.
 */
export interface RemoteCallback {
  onTrainBegin?(training: RemoteTraining): void | Promise<void>;
  onTrainEnd?(history: History, training: RemoteTraining): void | Promise<void>;
  onEpochBegin?(epoch: number, training: RemoteTraining): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, training: RemoteTraining): void | Promise<void>;
  onBatchBegin?(batch: number, training: RemoteTraining): void | Promise<void>;
  onBatchEnd?(batch: number, logs: BatchLogs, training: RemoteTraining): void | Promise<void>;
  onBatchLogs?(batch: number, logs: BatchLogs, training: RemoteTraining): void;
}

export interface RemoteFitOptions extends Omit<FitOptions, 'callbacks' | 'recovery'>, TransferOption {
  /** Callbacks, called in this order, in the page; see `RemoteCallback`. */
  readonly callbacks?: RemoteCallback | readonly RemoteCallback[];
  /** As for `fit` of `Model`. */
  readonly recovery?: RemoteRecoveryOptions | false;
}

export interface RemoteCompileOptions extends Omit<CompileOptions, 'device' | 'optimizer'> {
  /** An optimizer, or its plain data, or the name of one with default settings. Default `adam()`. */
  readonly optimizer?: Optimizer | OptimizerData | Optimizer['name'];
}

/** A layer of a model in a worker. */
export type RemoteLayer = LayerData;

/**
 * A model in a worker: that of `neurite`, with its methods. What methods return, and what hooks of `fit` get, comes by messages. Properties
 * are what the worker has said last, with the last call or hook.
 */
export interface RemoteModel
  extends Pick<
    Model,
    | 'inputShape'
    | 'outputShape'
    | 'labels'
    | 'iterations'
    | 'learningRate'
    | 'summary'
    | 'countParams'
    | 'getWeights'
    | 'inspect'
    | 'save'
    | 'dispose'
  > {
  /** The layers in order. To freeze a layer, set its `trainable` to false before compile. */
  readonly layers: readonly RemoteLayer[];
  /** The optimizer that was given to compile or read from the model's file, as plain data. */
  readonly optimizer: Pick<Optimizer, 'name' | 'config'>;
  compile(options?: RemoteCompileOptions): Promise<void>;
  /** `fit({ x, y }, options)`. */
  fit(x: InputData, y: Labels, options?: RemoteFitOptions): ReturnType<Model['fit']>;
  /** As `fit` of `Model`. The data are copied, or handed over, before the call returns its promise; a `Dataset` is read in the page. */
  fit(data: TrainingData, options?: RemoteFitOptions): ReturnType<Model['fit']>;
  trainOnBatch(
    x: InputData,
    y: Labels,
    options?: TransferOption & NonNullable<Parameters<Model['trainOnBatch']>[2]>,
  ): ReturnType<Model['trainOnBatch']>;
  /** `evaluate({ x, y }, options)`. */
  evaluate(x: InputData, y: Labels, options?: EvaluateOptions & TransferOption): ReturnType<Model['evaluate']>;
  evaluate(data: TrainingData, options?: EvaluateOptions & TransferOption): ReturnType<Model['evaluate']>;
  predict(x: InputData | Dataset, options?: PredictOptions & TransferOption): ReturnType<Model['predict']>;
  classify(x: InputData | Dataset, options?: ClassifyOptions & TransferOption): ReturnType<Model['classify']>;
  setWeights(
    weights: readonly GivenWeight[],
    options?: TransferOption & { readonly strict?: boolean },
  ): Promise<WeightsReport>;
}

/** Members of `Model` that are no part of its public interface. */
type Internal = 'calls' | 'compiled' | 'continueFit' | 'inTurn';

/** What a model in a worker does not have of `Model`, and what to do instead. */
export const LEFT_OUT = {
  add: 'give remote all layers, or the file of a model',
  apply: 'a graph of the page does not reach into a worker. Write the step in a worker of your own',
  plan: 'a plan consists of objects of the engine. Ask the model itself, in a worker of your own',
  profile: 'a profile consists of objects of the engine. Ask the model itself, in a worker of your own',
} as const satisfies Record<Exclude<keyof Model, keyof RemoteModel | Internal>, string>;

export interface RemoteOptions {
  /**
   * The worker, or the address of its file. Default: a worker that is the model's own, and ends with it. A worker that the page has made
   * may hold several models, and is the page's to end. Its file must have `import 'neurite/worker/start'`.
   */
  readonly worker?: Worker | URL | string;
}

/** Options for a model's file. */
export interface RemoteLoadOptions extends RemoteOptions, Omit<LoadOptions, 'device'>, TransferOption {}
