/** One training run: from images and settings to a trained model. */
import {
  type BatchLogs,
  type Callback,
  type Device,
  type Logs,
  type Model,
  NonFiniteError,
  type RecoveryEvent,
  sequential,
  type Training,
} from 'neurite';
import { type LabEvent, type RunRequest, type RunState, type StepPoint, VALIDATION_SPLIT } from '../protocol.ts';
import type { Images } from './images.ts';
import { RateMeter } from './rate.ts';
import { type Data, optimizerOf, prepareData } from './runData.ts';

/** The page draws no more often than this. */
const REPORT_MS = 60;

export interface RunContext {
  readonly images: Images;
  /** The model to go on with. */
  readonly goOn?: () => Model;
  readonly device: () => Promise<Device>;
  readonly send: (event: LabEvent) => void;
  /** The run has a model. */
  readonly onModel: (model: Model) => void;
}

export class Run {
  readonly request: RunRequest;
  readonly #context: RunContext;
  readonly #stop = new AbortController();
  readonly #rate = new RateMeter();
  #model: Model | undefined;
  #data!: Data;
  #training: Training | undefined;
  #paused = false;
  #state: RunState = 'preparing';
  /** What goes on, or would if it were not paused. */
  #phase: 'training' | 'validating' = 'training';
  /** Epochs begun. */
  #epoch = 0;
  #points: StepPoint[] = [];
  /** Steps done in this epoch. */
  #done = 0;
  #reported = 0;
  #validationSeconds = 0;
  #epochTrained = 0;

  constructor(request: RunRequest, context: RunContext) {
    this.request = request;
    this.#context = context;
  }

  pause(): void {
    this.#paused = true;
    this.#training?.pause();
    if (this.#training) this.#tell('paused');
  }

  resume(): void {
    this.#paused = false;
    this.#rate.reset();
    this.#training?.resume();
    if (this.#training) this.#tell(this.#phase);
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
      if (this.#stop.signal.aborted) return 'stopped';
      if (!(error instanceof NonFiniteError)) throw error;
      if (this.#points.length > 0) this.#report(); // the last steps before it show how it came
      throw this.#explained(error);
    } finally {
      this.#training = undefined;
    }
  }

  /** For people who have not heard of infinities. */
  #explained({ finding: { layer, what, step, epoch, batch } }: NonFiniteError): Error {
    const whose = layer === 'loss' ? 'the loss' : `the ${what} of layer ${layer}`;
    const place = `step ${step} (epoch ${epoch + 1}, step ${batch + 1} of ${this.#data.stepsPerEpoch})`;
    return new Error(`${whose} is not finite since ${place}; a smaller learning rate helps.`);
  }

  async #prepare(): Promise<void> {
    const { layers, training } = this.request;
    this.#tell('preparing');
    const goOn = this.#context.goOn?.();
    const model = goOn ?? sequential(layers);
    this.#data = prepareData(this.request, this.#context.images, model.inputShape.at(-1)!);
    if (goOn) model.learningRate = training.learningRate;
    else {
      await model.compile({
        device: await this.#context.device(),
        optimizer: optimizerOf(training, this.#data.stepsPerEpoch),
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
        seed: training.seed,
        onProgress: (done, total) =>
          this.#context.send({ type: 'progress', task: 'compile', what: 'compiling shaders', done, total }),
      });
    }
    this.#model = model;
    this.#context.onModel(model);
    this.#stop.signal.throwIfAborted();
    const { examples, validationExamples, stepsPerEpoch } = this.#data;
    const { peakBytes } = model.plan({ batchSize: Math.min(training.batchSize, examples) });
    const counts = { examples, validationExamples, stepsPerEpoch, parameters: model.countParams(), peakBytes };
    this.#context.send({ type: 'begin', run: this.request.run, ...counts });
  }

  async #fit(): Promise<void> {
    const { epochs, batchSize } = this.request.training;
    const { train, validation } = this.#data;
    await this.#model!.fit(train, {
      ...{ epochs, batchSize },
      ...(validation ? { validationData: validation } : { validationSplit: VALIDATION_SPLIT }),
      signal: this.#stop.signal,
      callbacks: this.#callbacks(),
      // Without the looks between, which take several times as long as a step.
      watch: { action: 'stop', everySteps: Number.POSITIVE_INFINITY },
      recovery: {
        device: () => {
          if (this.#training) this.#tell('recovering'); // else the run is over, and its model is asked for something
          return this.#context.device();
        },
        onRecovery: (event) => this.#onRecovery(event),
      },
    });
  }

  #onRecovery({ epoch, step, device }: RecoveryEvent): void {
    this.#rate.reset();
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
        if (this.#paused) training.pause();
      },
      onEpochBegin: (index) => {
        this.#epoch = index;
        this.#rate.reset();
        this.#epochTrained = 0;
        this.#enter('training');
      },
      onBatchEnd: (batch, logs) => this.#onBatchEnd(batch, logs),
      onEpochEnd: (_, logs) => this.#onEpochEnd(logs),
    };
  }

  #onBatchEnd(batch: number, { loss, accuracy, size }: BatchLogs): void {
    const { stepsPerEpoch } = this.#data;
    const now = performance.now();
    this.#rate.add(now, size);
    this.#points.push({ x: this.#epoch + (batch + 1) / stepsPerEpoch, loss: loss!, accuracy: accuracy! });
    this.#done = batch + 1;
    const last = this.#done === stepsPerEpoch;
    if (last || this.#paused || now - this.#reported >= REPORT_MS) this.#report();
    if (last) {
      this.#epochTrained = now;
      this.#enter('validating');
    }
  }

  #onEpochEnd({ loss, accuracy, valLoss, valAccuracy }: Logs): void {
    if (this.#epochTrained) this.#validationSeconds = (performance.now() - this.#epochTrained) / 1000;
    const x = this.#epoch + 1;
    const validation = valLoss === undefined ? {} : { valLoss, valAccuracy: valAccuracy! };
    this.#context.send({
      ...{ type: 'epoch', run: this.request.run, x, loss: loss!, accuracy: accuracy! },
      ...validation,
    });
  }

  #report(): void {
    const step = this.#done;
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
