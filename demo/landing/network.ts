/**
 * The network of the landing page. What a generator leaves behind is a grain that repeats, more or less, every 32 pixels. Small
 * filters pick out the grain of the picture at half its size; the second layer compares it with itself 16 of these pixels away;
 * the mean over the picture says how often the two agree. See `presets.improved` of neurite/brain, which this is a small one of.
 */
import { type LayerSpec, layers } from 'neurite';

const normalized = () => layers.batchNormalization({ momentum: 0.9 });

/** Takes `[128, 128, 1]`, gives two logits: real, fake. */
export const networkLayers = (): LayerSpec[] => [
  layers.avgPool2d({ inputShape: [128, 128, 1], poolSize: 2 }),
  layers.conv2d({ filters: 4, kernelSize: 3, useBias: false }),
  normalized(),
  layers.conv2d({ filters: 8, kernelSize: 2, dilationRate: 16, useBias: false }),
  normalized(),
  layers.activation({ activation: 'relu' }),
  layers.globalAvgPool2d(),
  normalized(),
  layers.dense({ units: 2 }),
];

/** Layers whose maps are shown. */
export const SHOWN_LAYERS = [2, 5];
