/** Trains in a worker, so that the page stays smooth; at most one run at a time. */
import {
  adam,
  type BrainSet,
  type Callback,
  type Device,
  type Model,
  type PresetName,
  presets,
  requestDevice,
  sequential,
  shuffleBrain,
  simulateBrainAsync,
  type TensorData,
  toRainbow,
} from 'neurite';
import type { Command, Message, Point } from './messages.ts';

/** Images of each class and segment: few enough for a machine without a GPU. */
const TRAINING = { segments: [0, 1], imagesPerClass: 128 };
const TEST = { segments: [7, 8, 9], imagesPerClass: 32 };
const BATCH_SIZE = 32;
const SEED = 0;
/** The page draws no more often than this. */
const REPORT_EVERY = 50;

const DATA =
  `simulated: ${TRAINING.imagesPerClass} real and ${TRAINING.imagesPerClass} fake images of each of the segments ` +
  `${TRAINING.segments.join(' and ')}; tested on other segments, ${TEST.segments.join(', ')}`;

const post = (message: Message) => postMessage(message);

let device: Device | undefined;
let stop: AbortController | undefined;

addEventListener('message', ({ data }: MessageEvent<Command>) => {
  if (data.type === 'stop') stop?.abort();
  else if (!stop) void start(data.preset as PresetName, data.epochs);
});

getDevice().then(
  ({ description, isSoftware }) => {
    const names = Object.keys(presets);
    post({ type: 'ready', adapter: description, software: isSoftware, presets: names, data: DATA });
  },
  (error: Error) => post({ type: 'end', outcome: 'failed', problem: error.message }),
);

/** The device of the run before, or a new one where that was lost. */
async function getDevice(): Promise<Device> {
  try {
    device?.checkAlive();
  } catch {
    device = undefined;
  }
  device ??= await requestDevice();
  return device;
}

async function start(preset: PresetName, epochs: number): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  const model = sequential(presets[preset]());
  try {
    post({ type: 'model', summary: model.summary() });
    await train(model, epochs, signal);
    post({ type: 'end', outcome: 'done' });
  } catch (error) {
    if (signal.aborted) post({ type: 'end', outcome: 'stopped' });
    else post({ type: 'end', outcome: 'failed', problem: (error as Error).message });
  } finally {
    model.dispose();
    stop = undefined;
  }
}

async function train(model: Model, epochs: number, signal: AbortSignal): Promise<void> {
  const progress = (what: string) => (done: number, total: number) => post({ type: 'progress', what, done, total });
  const common = { seed: SEED, signal };
  const simulated = await simulateBrainAsync({ ...TRAINING, ...common, onProgress: progress('simulating images') });
  const set = shuffleBrain(simulated, SEED); // fit holds out the last rows
  await model.compile({
    device: await getDevice(),
    optimizer: adam({ learningRate: 1e-3 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    seed: SEED,
    onProgress: progress('compiling shaders'),
  });
  await model.fit(
    { x: inputOf(model, set), y: set.y },
    { epochs, batchSize: BATCH_SIZE, validationSplit: 0.2, signal, callbacks: liveCurves() },
  );
  const test = await simulateBrainAsync({ ...TEST, ...common, onProgress: progress('simulating test images') });
  post({ type: 'progress', what: 'testing', done: 0, total: 1 });
  const { loss, accuracy } = await model.evaluate({ x: inputOf(model, test), y: test.y }, { batchSize: BATCH_SIZE });
  post({ type: 'tested', loss: loss!, accuracy: accuracy!, images: test.y.length });
}

/** Sends the curves' points, and how far training has come. */
function liveCurves(): Callback {
  let points: Point[] = [];
  let reported = 0;
  let epoch = 0;
  return {
    onEpochBegin(index) {
      epoch = index;
    },
    onBatchEnd(batch, { loss = Number.NaN, accuracy = Number.NaN }, { epochs, stepsPerEpoch }) {
      const steps = epoch * stepsPerEpoch + batch + 1;
      points.push({ x: steps / stepsPerEpoch, loss, accuracy });
      const now = performance.now();
      if (now - reported < REPORT_EVERY && batch + 1 < stepsPerEpoch) return;
      reported = now;
      post({ type: 'batches', points });
      points = [];
      const part = batch + 1 < stepsPerEpoch ? `step ${batch + 1} of ${stepsPerEpoch}` : 'validating';
      post({
        type: 'progress',
        what: `epoch ${epoch + 1} of ${epochs}, ${part}`,
        done: steps,
        total: epochs * stepsPerEpoch,
      });
    },
    onEpochEnd(_, { valLoss = Number.NaN, valAccuracy = Number.NaN }) {
      post({ type: 'validation', point: { x: epoch + 1, loss: valLoss, accuracy: valAccuracy } });
    },
  };
}

function inputOf(model: Model, { x }: BrainSet): TensorData {
  return model.inputShape.at(-1) === 3 ? toRainbow(x) : x;
}
