/**
 * What the page and its worker tell each other. The worker holds the engine, the images and the model: the page draws and
 * asks. Calls go through Comlink; what happens by itself comes as events to the listener given to `connect`.
 * All of it is plain data. Rows are indices into the data set that was loaded last.
 */
import type { LayerSpec } from 'neurite';
import type { PresetName } from 'neurite/brain';
import type { SelfTestProgress, SelfTestReport } from 'neurite/selftest';
import type { OptimizerName, Roles, TrainingSettings } from './settings.ts';

export * from './settings.ts';
export type { LayerSpec, PresetName, SelfTestProgress };

// ---------------------------------------------------------------------------------------------------- machine

/** The GPU, or what is missing. */
export type Machine =
  | { state: 'asking' }
  | {
      state: 'ready';
      /** One line: vendor, architecture. */
      description: string;
      /** Computes on the CPU. */
      software: boolean;
      vendor: string;
      architecture: string;
      features: string[];
      limits: Record<string, number>;
      /** Times of single dispatches can be measured. */
      timestamps: boolean;
    }
  /** `webgpu`: the browser does not know it; `adapter`: it does, but finds no GPU that it may use. */
  | { state: 'missing'; what: 'webgpu' | 'adapter'; message: string };

/** What the page needs to draw its first picture; does not wait for the GPU. */
export interface Hello {
  presets: Record<PresetName, { layers: LayerSpec[]; training: TrainingSettings }>;
  layerTypes: string[];
}

// ---------------------------------------------------------------------------------------------------- data

export interface DataSummary {
  source: 'simulated' | 'course files' | 'pictures';
  /** Of each row: 0 real, 1 fake. */
  labels: Int32Array;
  /** Of each row: 0 to 9. */
  segments: Int32Array;
  /** What the user should know of it. */
  note?: string;
}

export interface Picture {
  row: number;
  label: number;
  segment: number;
  /** 128 x 128 values of 0..1. */
  pixels: Float32Array;
}

// ---------------------------------------------------------------------------------------------------- model

export interface LayerInfo {
  name: string;
  type: string;
  className: string;
  inputShape: number[];
  /** Of one example, without the batch. */
  outputShape: number[];
  parameters: number;
  weights: { name: string; shape: number[] }[];
}

export interface ModelInfo {
  /** The layers up to the first that does not fit. */
  layers: LayerInfo[];
  parameters: number;
  trainable: number;
  /** What does not fit: the index of the layer, and the engine's message. Absent: the model can be trained. */
  problem?: { layer: number; message: string };
}

// ---------------------------------------------------------------------------------------------------- training

export interface RunRequest {
  /** The page's number for the run; events name it. */
  run: number;
  layers: LayerSpec[];
  training: TrainingSettings;
  roles: Roles;
  /** Go on with the model that there is, instead of a new one: its layers and optimizer stay, the learning rate is new. */
  goOn: boolean;
  /** Name of the store where snapshots outlast the page; absent: there is none. */
  store?: string;
  /** Go on with the run that the store holds, which a reload or a crash cut off. */
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

// ---------------------------------------------------------------------------------------------------- inside

export interface KernelSet {
  /** Layer's name. */
  layer: string;
  /** HWIO. */
  shape: number[];
  data: Float32Array;
}

export interface LayerOutput {
  name: string;
  type: string;
  className: string;
  /** Of the one example, without the batch. */
  shape: number[];
  data: Float32Array;
  /** Max-pool: which tap of its window was chosen, row * window width + column. */
  argmax?: Uint32Array;
  /** Max-pool: height and width of the window, and its strides. */
  window?: { size: [number, number]; strides: [number, number] };
}

/** What the network makes of one image. */
export interface Inspection {
  row: number;
  /** What the network saw, `[128, 128, channels]`. */
  input: { shape: number[]; data: Float32Array };
  layers: LayerOutput[];
  logits: Float32Array;
  probabilities: Float32Array;
  /** Gradient of the winning logit by the input: `[128, 128, channels]`. */
  saliency: { shape: number[]; data: Float32Array };
}

export interface BindingInfo {
  /** In the shader. */
  name: string;
  binding: number;
  tensor: string;
  shape: number[];
  bytes: number;
  /** `#3` for a slot of the arena, else what it is. */
  where: string;
}

export interface DispatchInfo {
  /** `op:tensor`. */
  label: string;
  shader: string;
  entryPoint: string;
  constants: Record<string, number>;
  workgroups: [number, number, number];
  reads: BindingInfo[];
  writes: BindingInfo[];
}

/** A training step as it was planned. */
export interface Schedule {
  batchSize: number;
  dispatches: DispatchInfo[];
  /** Bytes of each slot of the arena. */
  slots: number[];
  /** Tensors in the arena: in which slot, from which dispatch to which. */
  lifetimes: { tensor: string; bytes: number; slot: number; first: number; last: number }[];
  variables: { name: string; bytes: number }[];
  inputs: { name: string; bytes: number }[];
  peakBytes: number;
  /** GPU time of each dispatch in microseconds, where it was measured. */
  microseconds?: number[];
}

// ---------------------------------------------------------------------------------------------------- events

export type LabEvent =
  | { type: 'machine'; machine: Machine }
  /** A part of the work that may take a while; `done === total` ends it. */
  | { type: 'progress'; task: 'data' | 'compile' | 'test'; what: string; done: number; total: number }
  | { type: 'state'; run: number; state: RunState }
  /** A fit begins. */
  | {
      type: 'begin';
      run: number;
      examples: number;
      validationExamples: number;
      stepsPerEpoch: number;
      parameters: number;
      /** GPU memory that the training step needs. */
      peakBytes: number;
      /** Where it begins; what was told of later steps is told again. */
      initialEpoch: number;
      startAtStep: number;
    }
  | {
      type: 'steps';
      run: number;
      points: StepPoint[];
      /** Counted from 0. */
      epoch: number;
      /** Steps done in this epoch. */
      step: number;
      imagesPerSecond: number;
      secondsLeft: number;
      learningRate: number;
    }
  /** An epoch is over. `x` as in `StepPoint`. */
  | { type: 'epoch'; run: number; x: number; loss: number; accuracy: number; valLoss?: number; valAccuracy?: number }
  /** Before a snapshot is stored: what the page knows of the run is to be kept with it. */
  | { type: 'storing'; run: number }
  /** After a lost device: the run goes on. Steps that are done again are not told again. */
  | { type: 'recovered'; run: number; message: string };

/** What it returns is awaited where an event says before what it comes. */
export type Listener = (event: LabEvent) => void | Promise<void>;

// ---------------------------------------------------------------------------------------------------- calls

/** The worker's calls. A call that cannot be done rejects with an Error whose message is for people. */
export interface Lab {
  /** First call. Events go to the listener, the first of them about the machine. */
  connect(listener: Listener): Hello;

  /** Simulates what is missing of these segments; what other settings made is forgotten. Sends progress. */
  simulate(options: { segments: number[]; imagesPerClass: number; seed: number }): Promise<DataSummary>;
  /**
   * Reads the course's files (`real_0.gz`, `fake_0.gz`, …) or pictures whose path says `real` or `fake`, and a segment's
   * number if it has one. The data so far stay where something is wrong with the files.
   */
  openFiles(files: { path: string; file: File }[]): Promise<DataSummary>;
  pictures(rows: number[]): Promise<Picture[]>;

  describe(layers: LayerSpec[]): ModelInfo;

  /** One run at a time. Resolves when it is over; the model stays as the current one. */
  train(request: RunRequest): Promise<RunOutcome>;
  /** Takes effect before the next step. */
  pause(): void;
  resume(): void;
  /** While paused: one step. */
  step(): void;
  stop(): void;
  setLearningRate(rate: number): void;
  /** Whether a store holds a run that was cut off. */
  isStored(store: string): Promise<boolean>;
  /** Empties a store. Whether nothing is left there. */
  forgetStored(store: string): Promise<boolean>;

  /** Undefined: nothing was trained or loaded. */
  current(): CurrentModel | undefined;
  /** Tests the current model on the rows. Sends progress. */
  test(rows: Int32Array): Promise<TestResult>;
  /** Probability of fake for each of some rows, by the current model. */
  classify(rows: number[]): Promise<Float32Array>;
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /** Makes a saved model the current one. The one so far stays where the file is damaged. */
  load(file: Blob): Promise<CurrentModel>;

  /** 4D weights of the current model: convolution kernels. */
  kernels(): Promise<KernelSet[]>;
  /** What the current model makes of an image; also while it trains. */
  inspect(row: number): Promise<Inspection>;
  /** The training step of these layers; needs no training, but a GPU. */
  schedule(layers: LayerSpec[], training: TrainingSettings): Promise<Schedule>;
  /** Measures each dispatch of the next step of the run under way. */
  profile(): Promise<Schedule>;
}

// ---------------------------------------------------------------------------------------------------- self-test

/** What the self-test found on this device. */
export interface DeviceTest {
  report: SelfTestReport;
  /** All was run, and all was right. */
  succeeded: boolean;
  /** A sentence, without a capital at its beginning. */
  summary: string;
  /** A line for each failure that is told in full. */
  failures: string[];
  /** The report as Markdown. */
  text: string;
}

/** The calls of a second worker, which lives as long as one self-test and has a device of its own. */
export interface Tester {
  /** Rejects where there is no device. */
  run(onProgress: (progress: SelfTestProgress) => void): Promise<DeviceTest>;
}
