/** What the engine offers: models, what they are made of, and below them graphs of ops for steps of one's own. */
export { gradients } from './autodiff.ts';
export type { Dataset, Examples, Labels, TargetArray, TensorData } from './data/dataset.ts';
export * from './errors.ts';
export { type Dispatch, Graph, graph, type Op, type OpNode, type OutputSpec, type Target } from './graph.ts';
export type { TensorArray } from './io/dtypes.ts';
export { type NamedTensor, readSafetensors, writeSafetensors } from './io/safetensors.ts';
export type { ActivationName } from './nn/activations.ts';
export * from './nn/callbacks.ts';
export type { CompileOptions } from './nn/compileOptions.ts';
export type { FitOptions, ValidationData } from './nn/fit.ts';
export type { Initializer, InitializerName } from './nn/initializers.ts';
export type { Inspection, LayerInspection } from './nn/inspect.ts';
// Three are named like the options of ops.
export type { Conv2dOptions as Conv2dLayerOptions, DepthwiseConv2dOptions } from './nn/layers/conv2d.ts';
export type { DenseOptions } from './nn/layers/dense.ts';
export { layers, layerTypes } from './nn/layers/index.ts';
export type { LayerOptions, LayerSpec, WeightSpec } from './nn/layers/layer.ts';
export type { PoolOptions as PoolLayerOptions } from './nn/layers/pooling.ts';
export type {
  ActivationOptions,
  BatchNormalizationOptions,
  DropoutOptions as DropoutLayerOptions,
} from './nn/layers/regularization.ts';
export type { ReshapeOptions, ZeroPadding2dOptions } from './nn/layers/shaping.ts';
export { type LoadOptions, loadModel } from './nn/loading.ts';
export type { LossName, MetricName } from './nn/losses.ts';
export { type EvaluateOptions, type Model, sequential } from './nn/model.ts';
export type { Layer, Weight } from './nn/network.ts';
export * from './nn/optimizers.ts';
export type { Profile } from './nn/profile.ts';
export type { RecoveryEvent, RecoveryOptions } from './nn/recovery.ts';
export { type Resumed, type ResumeOptions, resume } from './nn/resume.ts';
export * from './nn/schedules.ts';
export type { TrainingData } from './nn/targets.ts';
export type { WatchAction, WatchOptions } from './nn/watchOptions.ts';
export type { GivenWeight, NamedWeight, NamedWeights, WeightsReport } from './nn/weights.ts';
export * from './ops/index.ts';
export type { Padding, Pair, WindowOptions } from './ops/window.ts';
export {
  type Lifetime,
  type MicroBatches,
  type Plan,
  type PlannedBinding,
  type PlannedDispatch,
  type PlanOptions,
  plan,
  type Storage,
} from './plan.ts';
export type { Precision } from './precision.ts';
export { shuffle } from './random.ts';
export { Device, type DeviceOptions, requestDevice } from './runtime/device.ts';
export { fileStore } from './runtime/fileStore.ts';
export type { CandidateTime, Measurement } from './runtime/measure.ts';
export type { DispatchTime } from './runtime/profile.ts';
export { Session, type SessionOptions, session } from './runtime/session.ts';
export { privateFileStore, type SnapshotStore, snapshotFile } from './runtime/snapshotStore.ts';
export type { TuneOptions, TuningReport } from './runtime/tuning.ts';
export { databaseStore, type TuningStore } from './runtime/tuningStore.ts';
export type { Shader } from './shader.ts';
export type { DType, HostArray, Role, Shape, Tensor, Variable } from './tensor.ts';
