/** One training run: from images and settings to a trained model. */
import {
  type BatchLogs,
  type Callback,
  type Device,
  DeviceError,
  type Logs,
  type Model,
  NonFiniteError,
  type RecoveryEvent,
  type SnapshotStore,
  sequential,
  type Training,
} from 'neurite';
import { optimizerOf } from 'neurite/brain';
import type { LabEvent, RunRequest, RunState, StepPoint } from '../protocol/index.ts';
import type { Images } from './images.ts';
import { RateMeter } from './rate.ts';
import { forgetStored, storeOfRun } from './stored.ts';
import { type Data, prepareData } from './trainingData.ts';

/** The page draws no more often than this. */
const REPORT_MS = 60;

export interface JobContext {
  readonly images: Images;
  /** The model to train further. */
  readonly goOn?: () => Model;
  readonly device: () => Promise<Device>;
  readonly send: (event: LabEvent) => void;
  /** The page keeps what it knows of the run. */
  readonly remember: () => Promise<void>;
  /** The run has a model. */
  readonly onModel: (model: Model) => void;
}

export class TrainingJob {
  readonly request: RunRequest;
  readonly #context: JobContext;
  readonly #stop = new AbortController();
  readonly #rate = new RateMeter();
  #model: Model | undefined;
  #data!: Data;
  #store: SnapshotStore | undefined;
  #training: Training | undefined;
  #paused = false;
  #pausedAt = 0;
  #state: RunState = 'preparing';
  /** What is under way, or would be if the run were not paused. */
  #phase: 'training' | 'validating' = 'training';
  /** Epochs begun. */
  #epoch = 0;
  /** Steps of the epoch that were reported. */
  #step = 0;
  #points: StepPoint[] = [];
  #reported = 0;
  #validationSeconds = 0;
  #epochTrained = 0;

  constructor(request: RunRequest, context: JobContext) {
    this.request = request;
    this.#context = context;
  }

  pause(): void {
    this.#paused = true;
    this.#pausedAt = performance.now();
    this.#training?.pause();
    if (this.#training) this.#tell('paused');
  }

  resume(): void {
    const now = performance.now();
    // Neither the speed of training nor the time that a validation takes knows of the pause.
    if (this.#paused && this.#epochTrained) this.#epochTrained += now - this.#pausedAt;
    this.#paused = false;
    this.#rate.restart(now);
    this.#training?.resume();
    if (this.#training) this.#tell(this.#phase);
  }

  /** From the beginning of its training on. */
  get model(): Model | undefined {
    return this.#model;
  }

  step(): void {
    if (this.#paused) this.#training?.step();
  }

  stop(): void {
    this.#stop.abort(new DOMException('stopped', 'AbortError'));
  }

  set learningRate(rate: number) {
    if (this.#model) this.#model.learningRate = rate;
  }

  /**
   * Trains to the end.
   * @returns whether it was stopped before
   * @throws what the engine throws
   */
  async train(): Promise<'done' | 'stopped'> {
    try {
      await this.#prepare();
      await this.#fit();
      return 'done';
    } catch (error) {
      const stopped = this.#stop.signal.aborted;
      // What has not gone on yet still can, and so can what ended for want of a GPU.
      if (this.#model && (stopped || !(error instanceof DeviceError))) await this.#store?.remove();
      if (stopped) return 'stopped';
      if (!(error instanceof NonFiniteError)) throw error;
      if (this.#points.length > 0) this.#report(); // the last steps before it show how it came
      throw await this.#explained(error);
    } finally {
      this.#training = undefined;
    }
  }

  /** For people who have not heard of infinities. */
  async #explained({ finding: { layer, what, epoch, batch } }: NonFiniteError): Promise<Error> {
    const whose = layer === 'loss' ? 'the loss' : `the ${what} of layer ${layer}`;
    const { stepsPerEpoch } = this.#data;
    const step = epoch * stepsPerEpoch + batch + 1;
    const place = `step ${step} (epoch ${epoch + 1}, step ${batch + 1} of ${stepsPerEpoch})`;
    // One that fails with its first step was broken before, also where its weights are large and finite.
    const lost = (this.request.goOn && step === 1) || !(await isSound(this.#model!).catch(() => true)); // without a device it is not known
    const advice = lost
      ? 'the network is lost: start anew with a smaller learning rate.'
      : 'a smaller learning rate helps.';
    return new Error(`${whose} is not finite since ${place}; ${advice}`);
  }

  async #prepare(): Promise<void> {
    const { layers, training, cutOff } = this.request;
    this.#tell('preparing');
    const goOn = this.#context.goOn?.();
    const model = goOn ?? sequential(layers);
    this.#data = prepareData(this.request, this.#context.images, model);
    if (cutOff) return; // the store has its model
    if (goOn) {
      if (!(await isSound(model))) throw new Error('The network is lost: start anew with a smaller learning rate.');
      model.learningRate = training.learningRate;
    } else {
      await model.compile({
        device: await this.#context.device(),
        optimizer: optimizerOf(training, training.epochs * this.#data.stepsPerEpoch),
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
        seed: training.seed,
        onProgress: this.#onProgress,
      });
    }
    this.#begin(model);
    this.#stop.signal.throwIfAborted();
  }

  /** There is a model, which trains from here. */
  #begin(model: Model, initialEpoch = 0, startAtStep = 0): void {
    this.#model = model;
    this.#context.onModel(model);
    this.#epoch = initialEpoch;
    const { examples, validationExamples, stepsPerEpoch } = this.#data;
    const { peakBytes } = model.plan({ batchSize: Math.min(this.request.training.batchSize, examples) });
    const counts = { examples, validationExamples, stepsPerEpoch, parameters: model.countParams(), peakBytes };
    this.#context.send({ type: 'begin', run: this.request.run, ...counts, initialEpoch, startAtStep });
  }

  async #fit(): Promise<void> {
    const { store: name, cutOff, training } = this.request;
    const { epochs, batchSize } = training;
    const { train, validation } = this.#data;
    const recovery = {
      device: () => {
        if (this.#training) this.#tell('recovering'); // else the run is over, and its model is asked for something
        return this.#context.device();
      },
      onRecovery: (event: RecoveryEvent) => this.#onRecovery(event),
    };
    const options = {
      ...(validation ? { validationData: validation } : {}),
      signal: this.#stop.signal,
      callbacks: this.#callbacks(),
      // Without the looks between, which take several times as long as a step.
      watch: { action: 'stop', everySteps: Number.POSITIVE_INFINITY } as const,
    };
    if (name && (cutOff || (await forgetStored(name)))) this.#store = storeOfRun(name, () => this.#remember());
    const store = this.#store;
    if (!cutOff) {
      const recoveryWithStore = store ? { ...recovery, store } : recovery;
      await this.#model!.fit(train, { ...options, epochs, batchSize, recovery: recoveryWithStore });
      return;
    }
    const device = await this.#context.device();
    const { resume } = await import('./files.ts'); // it comes when a run was cut off
    const resumed =
      store && (await resume(train, { ...options, store, device, recovery, onProgress: this.#onProgress }));
    if (!resumed) throw new Error('there is no snapshot to go on from.');
  }

  readonly #onProgress = (done: number, total: number) =>
    this.#context.send({ type: 'progress', task: 'compile', what: 'compiling shaders', done, total });

  /** The page has all points up to a snapshot before that is stored. */
  #remember(): Promise<void> {
    if (this.#points.length > 0) this.#report();
    return this.#context.remember();
  }

  #onRecovery({ epoch, step, device }: RecoveryEvent): void {
    this.#rate.restart(performance.now());
    this.#context.send({
      type: 'recovered',
      run: this.request.run,
      message: `The GPU was lost. Training goes on from its last snapshot, after step ${epoch * this.#data.stepsPerEpoch + step}, on ${device.description}.`,
    });
    this.#enter(this.#phase);
  }

  #callbacks(): Callback {
    return {
      onTrainBegin: (training) => {
        this.#training = training;
        if (!this.#model) this.#begin(training.model, training.initialEpoch, training.startAtStep);
        this.#enter(this.#phase);
        if (this.#paused) training.pause();
      },
      onEpochBegin: (index) => {
        this.#epoch = index;
        this.#rate.restart(performance.now());
        this.#epochTrained = 0;
        this.#enter('training');
      },
      onBatchLogs: (batch, logs) => this.#onBatchLogs(batch, logs),
      onEpochEnd: (index, logs) => this.#onEpochEnd(index, logs),
    };
  }

  #onBatchLogs(batch: number, { loss, accuracy, size }: BatchLogs): void {
    const { stepsPerEpoch } = this.#data;
    const now = performance.now();
    if (!this.#paused) this.#rate.add(now, size);
    this.#points.push({ x: this.#epoch + (batch + 1) / stepsPerEpoch, loss: loss!, accuracy: accuracy! });
    this.#step = batch + 1;
    const last = this.#step === stepsPerEpoch;
    if (last || this.#paused || now - this.#reported >= REPORT_MS) this.#report();
    if (last) {
      this.#epochTrained = now;
      this.#enter('validating');
    }
  }

  #onEpochEnd(index: number, { loss, accuracy, valLoss, valAccuracy }: Logs): void {
    if (this.#epochTrained) this.#validationSeconds = (performance.now() - this.#epochTrained) / 1000;
    const x = index + 1;
    const validation = valLoss === undefined ? {} : { valLoss, valAccuracy: valAccuracy! };
    this.#context.send({ type: 'epoch', run: this.request.run, x, loss: loss!, accuracy: accuracy!, ...validation });
  }

  #report(): void {
    const step = this.#step;
    const { stepsPerEpoch, examples } = this.#data;
    const { imagesPerSecond } = this.#rate;
    const epochsLeft = this.request.training.epochs - this.#epoch;
    const imagesLeft = examples * (epochsLeft - step / stepsPerEpoch);
    this.#context.send({
      type: 'steps',
      run: this.request.run,
      points: this.#points,
      epoch: this.#epoch,
      step,
      imagesPerSecond,
      secondsLeft: imagesLeft / imagesPerSecond + epochsLeft * this.#validationSeconds,
      learningRate: this.#model!.learningRate,
    });
    this.#points = [];
    this.#reported = performance.now();
  }

  #enter(phase: 'training' | 'validating'): void {
    this.#phase = phase;
    this.#tell(this.#paused ? 'paused' : phase);
  }

  #tell(state: RunState): void {
    if (state === this.#state && state !== 'preparing') return;
    this.#state = state;
    this.#context.send({ type: 'state', run: this.request.run, state });
  }
}

/** Whether all of its weights are numbers still. */
async function isSound(model: Model): Promise<boolean> {
  return (await model.getWeights()).every(({ data }) => data.every(Number.isFinite));
}
