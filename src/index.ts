/**
 * The engine's public interface: models with their layers, losses and optimizers, and, for steps that a model cannot
 * express, graphs of ops.
 * @module neurite
 */
export { gradients } from './autodiff.ts';
export type { Dataset, ExampleStream, Examples, Labels, TargetArray, TensorData } from './data/dataset.ts';
export { type FromPixelsOptions, fromPixels } from './data/fromPixels.ts';
export type { InputData } from './data/input.ts';
export type { Picture, PictureArea, Pixels } from './data/pictures.ts';
export type { Batch, Example, MadeBatch } from './data/stream/elements.ts';
export { type ImageDatasetOptions, type ImageExample, type ImageSource, imageDataset } from './data/stream/images.ts';
export {
  type BatchOptions,
  dataset,
  type Elements,
  type MapOptions,
  type ShuffleOptions,
  type Source,
  type StreamedDataset,
} from './data/stream/stream.ts';
export * from './errors.ts';
export {
  applyOp,
  type Dispatch,
  flatGrid,
  Graph,
  graph,
  type Op,
  type OpNode,
  type OutputSpec,
  type Phase,
  type Purpose,
  type Target,
} from './graph.ts';
export type { TensorArray } from './io/dtypes.ts';
export { type NamedTensor, readSafetensors, writeSafetensors } from './io/safetensors.ts';
export { arange, ndarray } from './ndarray/make.ts';
export { type ElementType, NDArray, type NestedList, type NumberArray } from './ndarray/ndarray.ts';
export type { ActivationName } from './nn/activations.ts';
export { type ExampleGradientsOptions, exampleGradients, tangentKernel } from './nn/exampleGradients.ts';
export type { Inspection, LayerInspection } from './nn/execute/inspector.ts';
export type { Profile } from './nn/execute/profile.ts';
export { type LoadOptions, loadModel } from './nn/file/load.ts';
export { listModels, type ModelAddress, removeModel } from './nn/file/places/index.ts';
export type { KeptModel } from './nn/file/places/place.ts';
export type { GivenWeight, NamedWeight, NamedWeights, WeightsReport } from './nn/file/weights.ts';
export type { Initializer, InitializerName } from './nn/initializers.ts';
// Renamed, because options of ops have the same names.
export type {
  Conv2dOptions as Conv2dLayerOptions,
  Conv2dTransposeOptions as Conv2dTransposeLayerOptions,
  DepthwiseConv2dOptions,
} from './nn/layers/conv2d.ts';
export type { DenseOptions } from './nn/layers/dense.ts';
export { layers, layerTypes, registerLayer } from './nn/layers/index.ts';
export type {
  ApplyContext,
  BuiltLayer,
  LayerOptions,
  LayerSpec,
  LayerType,
  OptionKinds,
  WeightSpec,
} from './nn/layers/layer.ts';
export type { PoolOptions as PoolLayerOptions } from './nn/layers/pooling.ts';
export type {
  ActivationOptions,
  BatchNormalizationOptions,
  DropoutOptions as DropoutLayerOptions,
} from './nn/layers/regularization.ts';
export type { RescalingOptions } from './nn/layers/rescaling.ts';
export type {
  ReshapeOptions,
  UpSampling2dOptions as UpSampling2dLayerOptions,
  ZeroPadding2dOptions,
} from './nn/layers/shaping.ts';
export type { LossName, LossSpelling, MetricName, MetricSpelling } from './nn/losses.ts';
export { type Model, sequential } from './nn/model.ts';
export type { Layer, Weight } from './nn/network.ts';
export type { WatchAction, WatchOptions } from './nn/nonFinite/options.ts';
export {
  type AdamOptions,
  type AdamwOptions,
  adam,
  adamw,
  clipByGlobalNorm,
  type Optimizer,
  type OptimizerConfig,
  optimizerFromConfig,
  type RmspropOptions,
  rmsprop,
  type SgdOptions,
  sgd,
} from './nn/optimizers.ts';
export type { RecoveryEvent, RecoveryOptions } from './nn/recovery/options.ts';
export { type Resumed, type ResumeOptions, resume } from './nn/recovery/resume.ts';
export {
  type ConstantScheduleOptions,
  type CosineDecayOptions,
  constantSchedule,
  cosineDecay,
  type ExponentialDecayOptions,
  exponentialDecay,
  type Schedule,
  type ScheduleConfig,
  type StepDecayOptions,
  scheduleFromConfig,
  stepDecay,
} from './nn/schedules.ts';
export type { ApplyOptions } from './nn/step/applyNetwork.ts';
export type { CompileOptions } from './nn/step/compileOptions.ts';
export type {
  BatchLogs,
  Callback,
  History,
  Logs,
  Training,
} from './nn/train/callbacks.ts';
export type { Classification, ClassifyOptions } from './nn/train/classify.ts';
export type { EvaluateOptions } from './nn/train/evaluate.ts';
export type { FitOptions, ValidationData } from './nn/train/fit.ts';
export type { PredictOptions } from './nn/train/predict.ts';
export { type EarlyStoppingOptions, earlyStopping, learningRateScheduler } from './nn/train/readyCallbacks.ts';
export type { Objective, StepBuilder } from './nn/train/stepBuilder.ts';
export type { TrainingData } from './nn/train/targets.ts';
export { type TrainingStep, type TrainingStepOptions, trainingStep } from './nn/train/trainingStep.ts';
export * from './ops/index.ts';
export type { Padding, Pair, TransposedWindowOptions, WindowOptions } from './ops/window.ts';
export type { BindingJson, DispatchJson, PlanJson, TensorJson } from './plan/json.ts';
export { plan } from './plan/plan.ts';
export type { Precision } from './plan/precision.ts';
export type {
  Lifetime,
  MicroBatches,
  Plan,
  PlannedBinding,
  PlannedDispatch,
  PlanOptions,
  Storage,
} from './plan/types.ts';
export { shuffle } from './random.ts';
export { Device, type DeviceOptions, requestDevice } from './runtime/device.ts';
export { fileStore } from './runtime/fileStore.ts';
export type { CandidateTime, Measurement } from './runtime/measure.ts';
export type { DispatchTime } from './runtime/profile.ts';
export { Session, type SessionOptions, session } from './runtime/session.ts';
export { privateFileStore, type SnapshotStore, snapshotFile } from './runtime/snapshotStore.ts';
export { isSupported, type SupportOptions } from './runtime/support.ts';
export type { TuneOptions, TuningReport } from './runtime/tuning.ts';
export { databaseStore, type TuningStore } from './runtime/tuningStore.ts';
export type { Shader } from './shader/shader.ts';
export type { DType, HostArray, NarrowInteger, Role, Shape, Tensor, Variable } from './tensor.ts';
