/** The worker of the page of the machine: plans the training step of a network, and measures one. See `Planner`. */
import * as Comlink from 'comlink';
import { type LayerSpec, type Model, sequential } from 'neurite';
import { inputOf, optimizerOf, simulateBrain } from 'neurite/brain';
import { DeviceSource } from '../../gpu/device.ts';
import type { Machine } from '../../gpu/machine.ts';
import type { TrainingSettings } from '../../lab/protocol/index.ts';
import { hello } from '../../lab/worker/hello.ts';
import type { Planner, Schedule } from '../protocol/index.ts';
import { scheduleOf } from './schedule.ts';

/** Steps before the one that is measured: the first ones are not typical. */
const WARM_STEPS = 3;
/** Different images of each class; a batch repeats them. Times do not depend on what is in a picture. */
const IMAGES = 8;

let send: (machine: Machine) => void = () => {};
const devices = new DeviceSource((machine) => send(machine));
let measuring: AbortController | undefined;

const planner: Planner = {
  connect(onMachine) {
    send = onMachine;
    devices.get().catch(() => {}); // sent as a machine that is missing
    return hello();
  },

  plan: (layers, training) =>
    withModel(layers, training, async (model) =>
      scheduleOf(model.plan({ batchSize: training.batchSize }), training.batchSize),
    ),

  async measure(layers, training) {
    measuring?.abort(new DOMException('another one is measured', 'AbortError'));
    const own = new AbortController();
    measuring = own;
    return withModel(layers, training, (model) => measure(model, training.batchSize, own.signal));
  },
};

/** Does something with a model that is ready to train, and frees it. */
async function withModel(
  layers: LayerSpec[],
  training: TrainingSettings,
  use: (model: Model) => Promise<Schedule>,
): Promise<Schedule> {
  const model = sequential(layers);
  try {
    const device = await devices.get();
    const optimizer = optimizerOf(training, training.epochs);
    await model.compile({
      ...{ device, optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] },
      seed: training.seed,
    });
    return await use(model);
  } finally {
    model.dispose();
  }
}

async function measure(model: Model, batchSize: number, signal: AbortSignal): Promise<Schedule> {
  const done = new AbortController();
  let steps = 0;
  let measured: ReturnType<Model['profile']> | undefined;
  const callbacks = {
    onBatchEnd() {
      if (++steps !== WARM_STEPS) return;
      measured = model.profile(); // of the next step
      measured.catch(() => {}).then(() => done.abort());
    },
  };
  await model
    .fit(batchOf(model, batchSize), {
      epochs: Number.MAX_SAFE_INTEGER,
      batchSize,
      callbacks,
      signal: AbortSignal.any([signal, done.signal]),
      watch: { action: 'stop', everySteps: Number.POSITIVE_INFINITY }, // as the lab trains
    })
    .catch((error) => {
      if (!done.signal.aborted) throw error;
    });
  const { plan, dispatches } = await measured!;
  return scheduleOf(
    plan,
    batchSize,
    dispatches.map(({ microseconds }) => microseconds),
  );
}

/** One batch of simulated images, as the model takes them. */
function batchOf(model: Model, batchSize: number) {
  const { x, y } = simulateBrain({ segments: [0], imagesPerClass: IMAGES, seed: 0 });
  const [count, ...shape] = x.shape;
  const size = x.data.length / count;
  const data = new Float32Array(batchSize * size);
  const labels = new Int32Array(batchSize);
  for (let row = 0; row < batchSize; row++) {
    const from = row % count;
    data.set(x.data.subarray(from * size, (from + 1) * size), row * size);
    labels[row] = y[from]!;
  }
  return { x: inputOf(model, { data, shape: [batchSize, ...shape] }), y: labels };
}

Comlink.expose(planner);
