/**
 * The table of all layers and their factories, `layers.dense(…)` and so on. A new layer is added here, and defined in a file
 * of this folder.
 */
import { ArgumentError } from '../../errors.ts';
import { check, checkKinds, checkMethods, checkOptions, checkOptionsObject, type Kind, likely } from '../../options.ts';
import { refuseOtherNames } from '../../otherNames.ts';
import { shown } from '../../shown.ts';
import { AUGMENTATION, adviceOnAugmentation } from './augmentation.ts';
import {
  type Conv2dOptions,
  type Conv2dTransposeOptions,
  conv2dLayer,
  conv2dTransposeLayer,
  type DepthwiseConv2dOptions,
  depthwiseConv2dLayer,
} from './conv2d.ts';
import { type DenseOptions, denseLayer } from './dense.ts';
import type { LayerOptions, LayerSpec, LayerType } from './layer.ts';
import { avgPool2dLayer, globalAvgPool2dLayer, maxPool2dLayer, type PoolOptions } from './pooling.ts';
import {
  type ActivationOptions,
  activationLayer,
  type BatchNormalizationOptions,
  batchNormalizationLayer,
  type DropoutOptions,
  dropoutLayer,
} from './regularization.ts';
import { type RescalingOptions, rescalingLayer } from './rescaling.ts';
import {
  flattenLayer,
  inputLayer,
  type ReshapeOptions,
  reshapeLayer,
  type UpSampling2dOptions,
  upSampling2dLayer,
  type ZeroPadding2dOptions,
  zeroPadding2dLayer,
} from './shaping.ts';

const TYPES = new Map(
  [
    inputLayer,
    conv2dLayer,
    conv2dTransposeLayer,
    depthwiseConv2dLayer,
    denseLayer,
    maxPool2dLayer,
    avgPool2dLayer,
    globalAvgPool2dLayer,
    flattenLayer,
    reshapeLayer,
    zeroPadding2dLayer,
    rescalingLayer,
    upSampling2dLayer,
    activationLayer,
    dropoutLayer,
    batchNormalizationLayer,
  ].map((layer) => [layer.type, layer as LayerType] as const),
);

/** The names of all layers of `layers`. */
export const layerTypes: readonly string[] = [...TYPES.keys()];

/** @throws ArgumentError for a type that does not exist */
export function layerType(type: string): LayerType {
  const found = TYPES.get(type);
  if (found) return found;
  const advice = adviceOnAugmentation(type);
  throw new ArgumentError(
    `unknown layer ${shown(type)}${advice ? `: ${advice}` : `; there are ${layerTypes.join(', ')}.${likely(type, layerTypes)} One of your own is made known by registerLayer.`}`,
  );
}

export const isLayerType = (type: string): boolean => TYPES.has(type);

/**
 * Makes a type of layer of your own known, under its `type`, to models and their files: register it before `loadModel`.
 * @returns its factory, for `sequential`
 * @throws ArgumentError for what is no type of layer, and for a `type` that another one has
 */
export function registerLayer<O extends LayerOptions>(layer: LayerType<O>): (options: O) => LayerSpec<O> {
  checkMethods('registerLayer: the type of layer', layer, ['build']);
  const { type, className, optionKinds } = layer;
  check('registerLayer', 'type', type, 'text');
  check('registerLayer', 'className', className, 'text');
  check('registerLayer', 'optionKinds', optionKinds, 'record');
  checkKinds('registerLayer: optionKinds', optionKinds);
  const known = TYPES.get(type);
  if (known && known !== (layer as LayerType))
    throw new ArgumentError(`registerLayer: there is a layer ${shown(type)} already; give yours another type.`);
  TYPES.set(type, layer as LayerType);
  return factory(layer, type);
}

const COMMON_OPTIONS = { name: 'text', trainable: 'boolean', inputShape: 'any' } as const satisfies Record<
  keyof LayerOptions,
  Kind
>;

/** @throws ArgumentError for an option that the layer does not have, or a value of the wrong type */
export function checkLayerOptions({ optionKinds }: LayerType, options: LayerOptions, what: string): void {
  checkOptions(what, options, { ...optionKinds, ...COMMON_OPTIONS });
}

function factory<O extends LayerOptions>({ type, optionKinds }: LayerType<O>, what = `layers.${type}`) {
  return (options: O): LayerSpec<O> => {
    if (options !== undefined) checkOptionsObject(what, options, optionKinds);
    return { type, options: { ...options } };
  };
}

function optionalFactory<O extends LayerOptions>(layer: LayerType<O>) {
  const make = factory(layer);
  return (options = {} as O): LayerSpec<O> => make(options);
}

const FACTORIES = {
  input: factory<LayerOptions>(inputLayer),
  conv2d: factory<Conv2dOptions>(conv2dLayer),
  conv2dTranspose: factory<Conv2dTransposeOptions>(conv2dTransposeLayer),
  depthwiseConv2d: factory<DepthwiseConv2dOptions>(depthwiseConv2dLayer),
  dense: factory<DenseOptions>(denseLayer),
  maxPool2d: optionalFactory<PoolOptions>(maxPool2dLayer),
  avgPool2d: optionalFactory<PoolOptions>(avgPool2dLayer),
  globalAvgPool2d: optionalFactory<LayerOptions>(globalAvgPool2dLayer),
  flatten: optionalFactory<LayerOptions>(flattenLayer),
  reshape: factory<ReshapeOptions>(reshapeLayer),
  zeroPadding2d: optionalFactory<ZeroPadding2dOptions>(zeroPadding2dLayer),
  rescaling: factory<RescalingOptions>(rescalingLayer),
  upSampling2d: optionalFactory<UpSampling2dOptions>(upSampling2dLayer),
  activation: factory<ActivationOptions>(activationLayer),
  dropout: factory<DropoutOptions>(dropoutLayer),
  batchNormalization: optionalFactory<BatchNormalizationOptions>(batchNormalizationLayer),
};

/** Factories of layers, for `sequential`. Their options are those of Keras and TensorFlow.js. Each returns plain data. */
export const layers: typeof FACTORIES = refuseOtherNames('layers', FACTORIES, {
  maxPooling2d: 'write layers.maxPool2d',
  averagePooling2d: 'write layers.avgPool2d',
  globalAveragePooling2d: 'write layers.globalAvgPool2d',
  reLU: "write layers.activation({ activation: 'relu' })",
  ...Object.fromEntries(AUGMENTATION.map((type) => [type, adviceOnAugmentation(type)!])),
  softmax:
    "leave it out before a cross-entropy, which applies it; else write layers.activation({ activation: 'softmax' })",
});
