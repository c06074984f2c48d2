/**
 * What the page and its worker say to each other. The worker holds the engine, the images and the model: the page draws and
 * asks. Calls go through Comlink; what happens by itself comes as events to the listener given to `connect`.
 * All of it is plain data.
 */
import type { LayerSpec } from 'neurite';
import type { PresetName } from 'neurite/brain';
import type { Machine } from '../../gpu/machine.ts';
import type { DataSummary, Picture } from './data.ts';
import type { Inspection, KernelSet } from './inside.ts';
import type { ModelInfo } from './model.ts';
import type {
  CurrentModel,
  RunOutcome,
  RunRequest,
  RunState,
  StepPoint,
  TestResult,
  TrainingSettings,
} from './training.ts';

export * from '../../gpu/machine.ts';
export * from './data.ts';
export * from './inside.ts';
export * from './model.ts';
export * from './training.ts';

/** What the page needs to draw its first picture; does not wait for the GPU. */
export interface Hello {
  presets: Record<PresetName, { layers: LayerSpec[]; training: TrainingSettings }>;
  layerTypes: string[];
}

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
      /** Where it begins; later steps that were reported before are reported again. */
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
  /** The run has recovered from a lost device. Steps that are done again are not reported again. */
  | { type: 'recovered'; run: number; message: string };

/** What it returns is awaited where an event says before what it comes. */
export type Listener = (event: LabEvent) => void | Promise<void>;

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

  /**
   * Makes a network with first weights the current model, so that it can be looked into before it is trained.
   * @returns whether it is: not where a run or a later call has come before
   */
  initialize(layers: LayerSpec[], seed: number): Promise<boolean>;
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

  /** Undefined: nothing was initialized, trained or loaded. */
  current(): CurrentModel | undefined;
  /** Tests the current model on the rows. Sends progress. */
  test(rows: Int32Array): Promise<TestResult>;
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /** Makes a saved model the current one. The one so far stays where the file is damaged. */
  load(file: Blob): Promise<CurrentModel>;

  /** 4D weights of the current model: convolution kernels. */
  kernels(): Promise<KernelSet[]>;
  /** What the current model makes of an image; also while it trains. */
  inspect(row: number): Promise<Inspection>;
}
