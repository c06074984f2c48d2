/** A training run: what it is asked for with, how far it is, what comes of it; and a test of its model. */
import type { LayerSpec } from 'neurite';
import type { OptimizerName, ScheduleName } from 'neurite/brain';
import type { Roles } from './data.ts';

export type { OptimizerName, ScheduleName };

export interface TrainingSettings {
  optimizer: OptimizerName;
  learningRate: number;
  schedule: ScheduleName;
  batchSize: number;
  epochs: number;
  /** Initial weights, order of the images, dropout. */
  seed: number;
}

export interface RunRequest {
  /** The page's number for the run; events name it. */
  run: number;
  layers: LayerSpec[];
  training: TrainingSettings;
  roles: Roles;
  /** Train the current model further, instead of a new one: its layers and optimizer stay, the learning rate is new. */
  goOn: boolean;
  /** Name of the store where snapshots outlast the page; absent: there is none. */
  store?: string;
  /** Continue the run that the store holds, which a reload or a crash cut off. */
  cutOff?: boolean;
}

/** One training step's numbers. */
export interface StepPoint {
  /** In epochs: 1.5 is the middle of the second one. */
  x: number;
  loss: number;
  accuracy: number;
}

export type RunState = 'preparing' | 'training' | 'paused' | 'validating' | 'recovering';

export interface RunOutcome {
  outcome: 'done' | 'stopped' | 'failed';
  /** The trained model's file, unless it failed. */
  model?: Uint8Array<ArrayBuffer>;
  /** Why it failed. */
  problem?: string;
}

export interface TestResult {
  rows: Int32Array;
  labels: Int32Array;
  /** Of each row: the probability of class 1, fake. */
  fake: Float32Array;
  /** Mean cross-entropy, in nats. */
  loss: number;
  accuracy: number;
}

/** The model that the worker holds now. */
export interface CurrentModel {
  layers: LayerSpec[];
  optimizer: OptimizerName;
  parameters: number;
  /** Optimizer steps that it was trained for. */
  iterations: number;
}
