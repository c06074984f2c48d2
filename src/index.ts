// Models

// Below models: graphs of ops, for people who write their own step
export { gradients } from './autodiff.ts';
// Data
export type { Dataset, Examples, Labels, TargetArray, TensorData } from './data/dataset.ts';
export * from './errors.ts';
export { type Dispatch, Graph, graph, type Op, type OpNode } from './graph.ts';
export { readSafetensors, writeSafetensors } from './io/safetensors.ts';
export * from './nn/callbacks.ts';
export type { Inspection, LayerInspection } from './nn/inspect.ts';
export { layers, layerTypes } from './nn/layers/index.ts';
export type { LayerSpec } from './nn/layers/layer.ts';
export { type LoadOptions, loadModel } from './nn/loading.ts';
export { type Model, sequential } from './nn/model.ts';
export * from './nn/optimizers.ts';
export type { Profile } from './nn/runner.ts';
export * from './nn/schedules.ts';
export * from './ops/index.ts';
export { type Plan, plan } from './plan.ts';
export type { Precision } from './precision.ts';
export { shuffle } from './random.ts';
// Device and errors
export { Device, type DeviceOptions, requestDevice } from './runtime/device.ts';
export { fileStore } from './runtime/fileStore.ts';
export type { CandidateTime, Measurement } from './runtime/measure.ts';
export type { DispatchTime } from './runtime/profile.ts';
export { Session, type SessionOptions, session } from './runtime/session.ts';
export type { TuneOptions, TuningReport } from './runtime/tuning.ts';
export { databaseStore, type TuningStore } from './runtime/tuningStore.ts';
export type { DType, HostArray, Shape, Tensor, Variable } from './tensor.ts';
