/** The messages between a training run and the command that started it: plain JSON. The model file is sent separately. */
import type { OptimizerName, ScheduleName } from 'neurite/brain';

export type { OptimizerName, ScheduleName };

/** Where a run computes: in a page of a headless browser, or in Node on Dawn. */
export type RuntimeName = 'browser' | 'node';

/** A training run, with every default filled in. */
export interface TrainOptions {
  readonly runtime: RuntimeName;
  readonly model: string;
  /** Folder of the course's files. Absent: simulated images. */
  readonly data?: string;
  /** Segments to train on and to test on, each from 0 to 9. */
  readonly segments: readonly number[];
  readonly testSegments: readonly number[];
  /** Number of images of each class and segment. Absent: all images of the files. */
  readonly images?: number;
  readonly testImages?: number;
  /** Seed of the simulated images. */
  readonly dataSeed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly validationSplit: number;
  /** Seed of the initial weights, the order of the images, and dropout. */
  readonly seed: number;
  /** The run folder, if it was named. */
  readonly out?: string;
}

export interface TrainRequest extends TrainOptions {
  /** Whether the 18 images recovered from the course's figures can be read. */
  readonly hasRecovered: boolean;
}

/** Where the page fetches the files of the data folder, and where it puts the files of the run folder. */
export const DATA_PATH = '/data/';
export const UPLOAD_PATH = '/upload/';
/** Where the recovered images lie on the server, if they do. */
export const RECOVERED_PATH = '/shared/brain/';
export const RECOVERED_FILES = { real: 'real_sample.gz', fake: 'fake_sample.gz' } as const;
export const MODEL_FILE = 'model.safetensors';

/** The machine and the runtime of a run. */
export interface Versions {
  readonly neurite: string;
  readonly node: string;
  /** Name and version of the browser, or version of the npm package `webgpu`. */
  readonly browser?: string;
  readonly webgpu?: string;
}

/** An event during a run. */
export type TrainEvent =
  | { type: 'adapter'; description: string; software: boolean }
  | { type: 'summary'; text: string }
  /** A part of the work that may take a while. `what` says it, `unit` counts it. */
  | { type: 'progress'; what: string; done: number; total: number; unit: string }
  | { type: 'fit'; examples: number; validationExamples: number; stepsPerEpoch: number }
  | BatchEvent
  | ({ type: 'epoch'; epoch: number } & EpochLogs);

export interface BatchEvent {
  type: 'batch';
  /** Counted from 0. */
  epoch: number;
  /** Steps done in this epoch. */
  step: number;
  steps: number;
  /** Means over the epoch so far. */
  loss: number;
  accuracy: number;
  imagesPerSecond: number;
  secondsLeft: number;
}

export interface EpochLogs {
  loss: number;
  accuracy: number;
  valLoss?: number;
  valAccuracy?: number;
  /** Training, without validation. */
  imagesPerSecond: number;
  /** Training and validation. */
  seconds: number;
}

/** Rows: truth, columns: prediction; class 0 is real, class 1 is fake. */
export type Confusion = [[number, number], [number, number]];

export const CLASS_NAMES = ['real', 'fake'] as const;

export interface Score {
  images: number;
  /** Mean cross-entropy, in nats. */
  loss: number;
  accuracy: number;
  confusion: Confusion;
}

/** A test image and the model's prediction. */
export interface Sample {
  segment: number;
  /** 0 real, 1 fake. */
  truth: number;
  prediction: number;
  /** Probability of the predicted class. */
  probability: number;
  /** 128 x 128 grey values of 0..255, base64. */
  pixels: string;
}

export interface Kernels {
  name: string;
  /** HWIO. */
  shape: readonly number[];
  data: number[];
}

/** How far a weight has moved, as root mean squares over its numbers. */
export interface Movement {
  name: string;
  shape: readonly number[];
  /** Of the weight before the first step. */
  start: number;
  /** Of what training has changed. */
  moved: number;
}

export interface TrainResult {
  parameters: number;
  adapter: { description: string; software: boolean };
  source: 'course files' | 'simulated';
  examples: number;
  validationExamples: number;
  history: EpochLogs[];
  /** Each batch's own numbers, in order. */
  batches: { loss: number[]; accuracy: number[] };
  /** Absent if there are no images to test on. */
  test?: Score & { segments: ({ segment: number } & Score)[] };
  /** Score on the images recovered from the course's figures. Absent if there are none. */
  recovered?: Score;
  /** The first convolution's, if the model has one. */
  kernels?: Kernels;
  /** Of each weight. */
  movement: Movement[];
  /** Evenly taken from the test images. */
  samples: Sample[];
  /** The most confident mistakes among the test images. */
  mistakes: Sample[];
  /** Of each part of the work, in its order. */
  seconds: Record<string, number>;
}

export type TrainOutcome = { result: TrainResult } | { error: { name: string; message: string; stack: string } };
