/** `neurite/brain`: the data of the course, brain activity as images, and the models that it trains on them. */
export * from './data/brain.ts';
export * from './data/simulator/index.ts';
export { type PresetName, presets } from './presets.ts';
export * from './presetTraining.ts';
