export { gradients } from './autodiff.ts';
export * from './errors.ts';
export { type Dispatch, Graph, graph, type Op, type OpNode } from './graph.ts';
export * from './ops/index.ts';
export { type Plan, plan } from './plan.ts';
export { Device, type DeviceOptions, requestDevice } from './runtime/device.ts';
export { Session, type SessionOptions } from './runtime/session.ts';
export type { DType, HostArray, Shape, Tensor, Variable } from './tensor.ts';
