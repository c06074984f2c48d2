/**
 * Layers and optimizers as plain data. They have the names and options of those of `neurite`, which would bring the engine into the page;
 * the worker checks them.
 */
import type { layers as engineLayers } from '../nn/layers/index.ts';
import type {
  AdamOptions,
  AdamwOptions,
  Optimizer,
  OptimizerConfig,
  RmspropOptions,
  SgdOptions,
} from '../nn/optimizers.ts';

/** Factories of layers, by the names and with the options of those of `neurite`. Names that do not exist fail in `remote`. */
export const layers: typeof engineLayers = new Proxy({} as typeof engineLayers, {
  get: (_, type) =>
    typeof type === 'string' ? (options: object = {}) => ({ type, options: { ...options } }) : undefined,
});

/** An optimizer as plain data. */
export interface OptimizerData {
  readonly name: Optimizer['name'];
  readonly config: OptimizerConfig;
}

const maker =
  <O extends object>(name: Optimizer['name']) =>
  (options: O = {} as O): OptimizerData => ({ name, config: { ...options } as OptimizerConfig });

/** The optimizer of this name of `neurite`, as plain data. */
export const sgd = maker<SgdOptions>('sgd');
/** The optimizer of this name of `neurite`, as plain data. */
export const rmsprop = maker<RmspropOptions>('rmsprop');
/** The optimizer of this name of `neurite`, as plain data. */
export const adam = maker<AdamOptions>('adam');
/** The optimizer of this name of `neurite`, as plain data. */
export const adamw = maker<AdamwOptions>('adamw');
