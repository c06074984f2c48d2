/** The worker's calls: see `Lab`. It holds the images, the model and the device; what is long lies in the files beside. */
import * as Comlink from 'comlink';
import { type LayerSpec, type Model, sequential } from 'neurite';
import { DeviceSource } from '../../gpu/device.ts';
import type {
  CurrentModel,
  DataSummary,
  Hello,
  Inspection,
  KernelSet,
  Lab,
  LabEvent,
  Listener,
  Picture,
  RunOutcome,
  RunRequest,
  TestResult,
} from '../protocol/index.ts';
import { describe } from './description.ts';
import type { UserFile } from './files.ts';
import { hello } from './hello.ts';
import { type Images, MOST_IMAGES, pictureOf, Simulation, summaryOf } from './images.ts';
import { inspect, kernelsOf } from './inside.ts';
import { testOn } from './judge.ts';
import { forgetStored, isStored } from './stored.ts';
import type { TrainingJob } from './trainingJob.ts';

/** The model that there is: trained, being trained, or loaded. */
interface Current {
  model: Model;
  layers: LayerSpec[];
}

/** What reads files, loaded with the first one. */
const ofFiles = () => import('./files.ts');

let listener: Listener = () => {};
/** Settles when the page has all events: they and the answers to calls come by two ways, and either may be the faster. */
let received: unknown;
const send = (event: LabEvent) => {
  received = listener(event);
};
const devices = new DeviceSource((machine) => send({ type: 'machine', machine }));
const simulation = new Simulation();
let images: Images | undefined;
let loading: AbortController | undefined;
let current: Current | undefined;
/** Settles when the calls on the current model and those before it have ended. */
let inUse: Promise<unknown> = Promise.resolve();
let job: TrainingJob | undefined;
/** What is asked of a run whose code is being loaded, with the first one. */
let orders: ((job: TrainingJob) => void)[] | undefined;
let testing: AbortController | undefined;
/** The network with first weights that is being made, and how many were asked for: the last one counts. */
let fresh: Promise<unknown> = Promise.resolve();
let asked = 0;

const lab: Lab = {
  connect(events: Listener): Hello {
    listener = events;
    devices.get().catch(() => {}); // sent as a machine that is missing
    return hello();
  },

  async simulate({ segments, imagesPerClass, seed }): Promise<DataSummary> {
    const total = 2 * imagesPerClass * new Set(segments).size;
    if (total > MOST_IMAGES) {
      throw new Error(`${total} images do not fit, ${MOST_IMAGES} do: choose fewer for each class, or fewer segments.`);
    }
    return load('simulating images', (reading) => simulation.images(segments, { imagesPerClass, seed }, reading));
  },

  openFiles(files: UserFile[]): Promise<DataSummary> {
    return load('reading images', async (reading) => (await ofFiles()).readUserFiles(files, reading));
  },

  async pictures(rows: number[]): Promise<Picture[]> {
    const { images } = loaded();
    const pictures = rows.map((row) => pictureOf(images, row));
    return Comlink.transfer(
      pictures,
      pictures.map(({ pixels }) => pixels.buffer),
    );
  },

  describe,

  initialize(layers: LayerSpec[], seed: number): Promise<boolean> {
    const own = ++asked;
    const made = fresh.then(() => initialized(layers, seed, () => own === asked && !isTraining()));
    fresh = made.catch(() => {}); // the caller gets the failure
    return made;
  },

  async train(request: RunRequest): Promise<RunOutcome> {
    if (isTraining()) throw new Error('A run is under way: stop it first.');
    const context = {
      images: loaded().images,
      device: () => devices.get(),
      send,
      remember: async () => listener({ type: 'storing', run: request.run }),
      onModel(model: Model) {
        take(model, layersOf(model));
      },
    };
    const given: typeof orders = [];
    orders = given;
    try {
      const { TrainingJob } = await import('./trainingJob.ts');
      const started = new TrainingJob(request, request.goOn ? { ...context, goOn: () => trained().model } : context);
      job = started;
      for (const order of given) order(started);
      orders = undefined;
      await fresh;
      const outcome = await started.train();
      // A model that has run away cannot be saved; its run has ended as it has.
      const model = await started.model?.save().catch(() => undefined);
      return { outcome, ...(model ? { model } : {}) };
    } catch (error) {
      return { outcome: 'failed', problem: (error as Error).message };
    } finally {
      job = undefined;
      orders = undefined;
      await received;
    }
  },

  pause: () => tell((job) => job.pause()),
  resume: () => tell((job) => job.resume()),
  step: () => tell((job) => job.step()),
  stop() {
    tell((job) => job.stop());
    testing?.abort();
  },
  setLearningRate(rate: number) {
    tell((job) => {
      job.learningRate = rate;
    });
  },
  isStored,
  forgetStored,

  current(): CurrentModel | undefined {
    return current && summary(current);
  },

  async test(rows: Int32Array): Promise<TestResult> {
    if (isTraining()) throw new Error('A run is under way: test when it is over.');
    testing?.abort();
    testing = new AbortController();
    const { signal } = testing;
    const onProgress = (done: number, total: number) => {
      signal.throwIfAborted();
      send({ type: 'progress', task: 'test', what: 'testing', done, total });
    };
    return use((model) => testOn(model, loaded().images, rows, onProgress));
  },

  async save(): Promise<Uint8Array<ArrayBuffer>> {
    return use((model) => model.save());
  },

  async load(file: Blob): Promise<CurrentModel> {
    if (isTraining()) throw new Error('A run is under way: stop it before another model is loaded.');
    const { readModel } = await ofFiles();
    const model = await readModel(file, await devices.get());
    const layers = layersOf(model);
    const { problem } = describe(layers);
    // Asked again: to load takes seconds, and the run would lose its model.
    const refused = isTraining()
      ? 'The file was not opened: a run has begun meanwhile. Open it when the run is over.'
      : problem && `The file's network is not one for these images: ${problem.message}`;
    if (refused) {
      model.dispose();
      throw new Error(refused);
    }
    asked++;
    take(model, layers);
    return summary({ model, layers });
  },

  async kernels(): Promise<KernelSet[]> {
    return use(kernelsOf);
  },

  async inspect(row: number): Promise<Inspection> {
    return use((model) => inspect(model, loaded().images, row));
  },
};

const isTraining = () => job !== undefined || orders !== undefined;

/** Tells the run under way, or the one that is about to begin. */
function tell(order: (job: TrainingJob) => void): void {
  if (job) order(job);
  else orders?.push(order);
}

/** Loads images in the place of those that there are; a later call ends an earlier one. */
async function load(
  what: string,
  read: (reading: {
    signal: AbortSignal;
    onProgress: (done: number, total: number) => void;
  }) => Promise<Images & { note?: string }>,
): Promise<DataSummary> {
  loading?.abort();
  const own = new AbortController();
  loading = own;
  const onProgress = (done: number, total: number) => {
    if (loading === own) send({ type: 'progress', task: 'data', what, done, total });
  };
  try {
    const { note, ...read_ } = await read({ signal: own.signal, onProgress });
    own.signal.throwIfAborted();
    images = read_;
    return { ...summaryOf(images), ...(note ? { note } : {}) };
  } finally {
    if (loading === own) send({ type: 'progress', task: 'data', what, done: 1, total: 1 });
  }
}

function loaded(): { images: Images } {
  if (!images) throw new Error('There are no images yet.');
  return { images };
}

/** Makes a model the current one. The one before is disposed of when no call uses it any more. */
function take(model: Model, layers: LayerSpec[]): void {
  const before = current?.model;
  current = { model, layers };
  if (before && before !== model) inUse.then(() => before.dispose());
}

/** A call on the current model, which stays until the call is over. */
function use<T>(call: (model: Model) => Promise<T>): Promise<T> {
  const made = call(trained().model);
  inUse = Promise.allSettled([inUse, made]);
  return made;
}

/** A network with first weights, as the current model. @param wanted whether it still is, when it is there */
async function initialized(layers: LayerSpec[], seed: number, wanted: () => boolean): Promise<boolean> {
  if (!wanted()) return false;
  const model = sequential(layers);
  const onProgress = (done: number, total: number) =>
    send({ type: 'progress', task: 'compile', what: 'compiling shaders', done, total });
  const loss = 'sparseCategoricalCrossentropy';
  await model.compile({ device: await devices.get(), loss, seed, onProgress });
  if (wanted()) take(model, layersOf(model));
  else model.dispose();
  return current?.model === model;
}

function trained(): Current {
  if (!current) throw new Error('There is no trained network yet: press Start.');
  return current;
}

function layersOf(model: Model): LayerSpec[] {
  return model.layers.map(({ type, options }) => ({ type, options: { ...options } }));
}

function summary({ model, layers }: Current): CurrentModel {
  return {
    layers,
    optimizer: model.optimizer.name,
    parameters: model.countParams(),
    iterations: model.iterations,
  };
}

Comlink.expose(lab);
