import { layers } from '../nn/layers/index.ts';
import type { LayerSpec } from '../nn/layers/layer.ts';

/**
 * Networks for the brain task. They take images of 128 x 128 and return two logits (class 0 real, 1 fake). `baseline`
 * and `second` are the course's networks; `rgb` is the baseline for images in the course's rainbow colours.
 */
export const presets = {
  /** 62,338 parameters. */
  baseline: (): LayerSpec[] => [
    layers.conv2d({ inputShape: [128, 128, 1], filters: 32, kernelSize: 5, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 4 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ],
  /** 206,050 parameters. */
  second: (): LayerSpec[] => [
    layers.conv2d({ inputShape: [128, 128, 1], filters: 32, kernelSize: 5, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 4 }),
    layers.conv2d({ filters: 32, kernelSize: 2, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 4 }),
    layers.flatten(),
    layers.dense({ units: 128, activation: 'relu' }),
    layers.dense({ units: 2 }),
  ],
  /** 63,938 parameters. */
  rgb: (): LayerSpec[] => [
    layers.conv2d({ inputShape: [128, 128, 3], filters: 32, kernelSize: 5, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 4 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ],
  /**
   * 2,074 parameters. A generator that upsamples leaves a repeating texture: in the course's fakes, the noise is
   * correlated with itself at a distance of 32 pixels; in the real images it is not. So a small filter extracts the
   * noise, a 3 x 3 kernel with taps 32 pixels apart compares it with its repetition, and the mean over the image
   * measures how often they match. This does not depend on the place in the image, nor on how the window, the brain and
   * its activity look.
   */
  improved: (): LayerSpec[] => [
    layers.conv2d({ inputShape: [128, 128, 1], filters: 8, kernelSize: 3, useBias: false }),
    layers.batchNormalization({ momentum: 0.9 }),
    layers.conv2d({ filters: 24, kernelSize: 3, dilationRate: 32, useBias: false }),
    layers.batchNormalization({ momentum: 0.9 }),
    layers.activation({ activation: 'relu' }),
    layers.globalAvgPool2d(),
    layers.batchNormalization({ momentum: 0.9 }),
    layers.dense({ units: 2 }),
  ],
} as const;

export type PresetName = keyof typeof presets;
