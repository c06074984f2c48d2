/**
 * `neurite/brain`: the data of the course, brain activity as images, and the models that it trains on them.
 * @module neurite/brain
 */
export * from './files.ts';
export * from './judge.ts';
export * from './optimizer.ts';
export { type PresetName, presets } from './presets.ts';
export * from './simulator/index.ts';
export * from './training.ts';
