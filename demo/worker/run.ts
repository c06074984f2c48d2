/** One training run: from images and settings to a trained model, over lost devices. */
import {
  type BatchLogs,
  type Callback,
  type Device,
  type Logs,
  loadModel,
  type Model,
  sequential,
  type Training,
} from 'neurite';
import { type LabEvent, type RunRequest, type RunState, type StepPoint, VALIDATION_SPLIT } from '../protocol.ts';
import { isAlive } from './device.ts';
import type { Images } from './images.ts';
import { RateMeter } from './rate.ts';
import { type Data, optimizerOf, prepareData } from './runData.ts';

/** The page draws no more often than this. */
const REPORT_MS = 60;
/** At most so much training is lost with a device. */
const SNAPSHOT_MS = 10_000;
/** Devices that may be lost one after another without a step between. */
const MOST_LOSSES = 3;

export interface RunContext {
  readonly images: Images;
  /** The model to go on with, and its device. */
  readonly goOn?: () => Promise<{ model: Model; device: Device }>;
  readonly device: () => Promise<Device>;
  readonly send: (event: LabEvent) => void;
  /** The run has a model, or another one after a loss. */
  readonly onModel: (model: Model, device: Device) => void;
}

/** Where training can go on from: the model's file, and the place in the run. */
interface Snapshot {
  readonly file: Uint8Array<ArrayBuffer>;
  /** Epochs done. */
  readonly epoch: number;
  /** Steps done of the next one. */
  readonly step: number;
}

export class Run {
  readonly request: RunRequest;
  readonly #context: RunContext;
  readonly #stop = new AbortController();
  readonly #rate = new RateMeter();
  #model: Model | undefined;
  #device: Device | undefined;
  #data!: Data;
  #training: Training | undefined;
  #paused = false;
  #rateOverride: number | undefined;
  #snapshot: Snapshot | undefined;
  #snapshotTime = 0;
  #state: RunState = 'preparing';
  /** What goes on, or would if it were not paused. */
  #phase: 'training' | 'validating' = 'training';
  /** Epochs begun, and the model's steps when the last one began. */
  #epoch = 0;
  #iterationsBefore = 0;
  #points: StepPoint[] = [];
  #reported = 0;
  #validationSeconds = 0;
  #epochTrained = 0;
  #losses = 0;

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
    this.#rateOverride = rate;
    if (this.#model) this.#model.learningRate = rate;
  }

  /**
   * Trains to the end.
   * @returns whether it was stopped before
   * @throws what the engine throws, but for a lost device
   */
  async train(): Promise<'done' | 'stopped'> {
    try {
      for (;;) {
        try {
          if (!this.#snapshot) await this.#prepare();
          await this.#fit();
          return 'done';
        } catch (error) {
          if (!this.#device || isAlive(this.#device) || ++this.#losses > MOST_LOSSES) throw error;
          // Without a snapshot no step was made: the run begins anew.
          if (this.#snapshot) await this.#recover(this.#snapshot);
        }
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return 'stopped';
      throw error;
    } finally {
      this.#training = undefined;
    }
  }

  async #prepare(): Promise<void> {
    const { layers, training } = this.request;
    this.#tell('preparing');
    const goOn = await this.#context.goOn?.();
    const model = goOn?.model ?? sequential(layers);
    this.#data = prepareData(this.request, this.#context.images, model.inputShape.at(-1)!);
    const device = goOn?.device ?? (await this.#context.device());
    this.#device = device;
    if (goOn) model.learningRate = training.learningRate;
    else {
      await model.compile({
        device,
        optimizer: optimizerOf(training, this.#data.stepsPerEpoch),
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
        seed: training.seed,
        onProgress: (done, total) =>
          this.#context.send({ type: 'progress', task: 'compile', what: 'compiling shaders', done, total }),
      });
    }
    this.#take(model, device);
    this.#stop.signal.throwIfAborted();
    await this.#save(0, 0);
    const { examples, validationExamples, stepsPerEpoch } = this.#data;
    const { peakBytes } = model.plan({ batchSize: Math.min(training.batchSize, examples) });
    const counts = { examples, validationExamples, stepsPerEpoch, parameters: model.countParams(), peakBytes };
    this.#context.send({ type: 'begin', run: this.request.run, ...counts });
  }

  async #fit(): Promise<void> {
    const { epochs, batchSize } = this.request.training;
    const { train, validation } = this.#data;
    const { epoch, step } = this.#snapshot!;
    this.#epoch = epoch;
    if (epoch === epochs) return; // the device was lost after the last epoch
    await this.#model!.fit(train, {
      epochs: epochs - epoch,
      batchSize,
      startAtStep: step,
      ...(validation ? { validationData: validation } : { validationSplit: VALIDATION_SPLIT }),
      signal: this.#stop.signal,
      callbacks: this.#callbacks(epoch, step),
    });
  }

  /** A new device, and on it the model as it was at the last snapshot. */
  async #recover({ file, epoch, step }: Snapshot): Promise<void> {
    this.#training = undefined;
    this.#tell('recovering');
    const device = await this.#context.device();
    this.#take(await loadModel(file, { device }), device);
    if (this.#rateOverride !== undefined) this.#model!.learningRate = this.#rateOverride;
    this.#rate.reset();
    this.#points = [];
    const { stepsPerEpoch } = this.#data;
    const done = epoch * stepsPerEpoch + step;
    this.#context.send({
      type: 'recovered',
      run: this.request.run,
      x: done / stepsPerEpoch,
      message: `The GPU was lost. Training goes on from its last snapshot, after step ${done}, on ${device.description}.`,
    });
  }

  #callbacks(firstEpoch: number, startAtStep: number): Callback {
    return {
      onTrainBegin: (training) => {
        this.#training = training;
        if (this.#paused) training.pause();
      },
      onEpochBegin: (index) => {
        this.#epoch = firstEpoch + index;
        this.#iterationsBefore = this.#model!.iterations - (index === 0 ? startAtStep : 0);
        this.#rate.reset();
        this.#epochTrained = 0;
        this.#enter('training');
      },
      onBatchEnd: (batch, logs) => this.#onBatchEnd(batch, logs),
      onEpochEnd: (_, logs) => this.#onEpochEnd(logs),
    };
  }

  async #onBatchEnd(batch: number, { loss, accuracy, size }: BatchLogs): Promise<void> {
    const { stepsPerEpoch } = this.#data;
    const now = performance.now();
    this.#losses = 0;
    this.#rate.add(now, size);
    this.#points.push({ x: this.#epoch + (batch + 1) / stepsPerEpoch, loss: loss!, accuracy: accuracy! });
    const last = batch + 1 === stepsPerEpoch;
    if (last || this.#paused || now - this.#reported >= REPORT_MS) this.#report(batch + 1);
    if (last) {
      this.#epochTrained = now;
      this.#enter('validating');
    } else if (now - this.#snapshotTime > SNAPSHOT_MS) {
      await this.#save(this.#epoch, this.#model!.iterations - this.#iterationsBefore);
    }
  }

  async #onEpochEnd({ loss, accuracy, valLoss, valAccuracy }: Logs): Promise<void> {
    if (this.#epochTrained) this.#validationSeconds = (performance.now() - this.#epochTrained) / 1000;
    const x = this.#epoch + 1;
    const validation = valLoss === undefined ? {} : { valLoss, valAccuracy: valAccuracy! };
    if (loss !== undefined) {
      this.#context.send({ type: 'epoch', run: this.request.run, x, loss, accuracy: accuracy!, ...validation });
    }
    await this.#save(x, 0);
  }

  #report(step: number): void {
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

  async #save(epoch: number, step: number): Promise<void> {
    this.#snapshot = { file: await this.#model!.save(), epoch, step };
    this.#snapshotTime = performance.now();
  }

  #take(model: Model, device: Device): void {
    this.#model = model;
    this.#device = device;
    this.#context.onModel(model, device);
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
