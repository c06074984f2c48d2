/**
 * `neurite/vis`: draws a training and a network into a page, without a framework: curves, confusion matrix, kernels, feature maps.
 * @module neurite/vis
 */
export type { Place } from './arguments.ts';
export * from './colormap.ts';
export {
  type Classes,
  type ConfusionDrawing,
  type ConfusionOptions,
  confusionCounts,
  confusionMatrix,
} from './confusion.ts';
export { drawable, SMOOTHING, smooth, smoothedCurve, thin } from './curveData.ts';
export type { Drawing } from './drawing.ts';
export {
  featureMaps,
  type LayerMaps,
  type MapDrawing,
  type MapOptions,
  type MapSource,
  mapGrid,
} from './featureMaps.ts';
export { type Filters, filtersOf, type KernelKind } from './filters.ts';
export { formatCount, formatNumber, formatPercent, formatShape, formatShort, formatTick, minus } from './format.ts';
export {
  type KernelDrawing,
  type KernelOptions,
  type KernelSource,
  kernelGrid,
  kernels,
  type LayerKernels,
} from './kernels.ts';
export { type Chart, type ChartLine, type ChartOptions, lineChart } from './lineChart.ts';
export { paintSoon, stopPainting } from './painter.ts';
export * from './ranges.ts';
export { type CurveOptions, type CurveValues, type TrainingCurves, trainingCurves } from './trainingCurves.ts';
