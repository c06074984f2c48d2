/**
 * A model in a worker, in one line: `const model = await remote([layers.dense({ … })])`. It has the methods of a model in a page. The
 * engine is loaded by the worker alone.
 * @module neurite/worker
 */
export * from '../errors.ts';
export { adam, adamw, layers, type OptimizerData, rmsprop, sgd } from './makers.ts';
export { remote } from './remote.ts';
export type {
  RemoteCallback,
  RemoteCompileOptions,
  RemoteFitOptions,
  RemoteLayer,
  RemoteLoadOptions,
  RemoteModel,
  RemoteOptions,
  RemoteRecoveryOptions,
  RemoteTraining,
  TransferOption,
} from './types.ts';
