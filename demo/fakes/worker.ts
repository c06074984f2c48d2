/** The worker of the page about fakes: the engine, the recordings, and both networks. See `Fakes`. */
import * as Comlink from 'comlink';
import { type Model, type NamedWeight, readSafetensors, sequential } from 'neurite';
import { DeviceSource } from '../gpu/device.ts';
import { Trainings } from '../gpu/watchedTraining.ts';
import { generatorLayers } from './gan.ts';
import { NOISE, Noise } from './noise.ts';
import { paintOnGpu } from './painting/gpu.ts';
import { distanceTo, yardstickOf } from './training/distance.ts';
import { labFilesOf } from './training/labFiles.ts';
import type { Fakes, FakesEvent, StoredPictures } from './training/protocol.ts';
import { ALL_PER_DAY, FIRST_PER_DAY, type Recordings, simulateRecordings } from './training/recordings.ts';
import { Trainer } from './training/trainer.ts';

/** A device that is lost is replaced; a computation that loses each one must end. */
const TRIES = 3;

let send: (event: FakesEvent) => void = () => {};
const devices = new DeviceSource((machine) => send({ type: 'machine', machine }));

let recordings: Recordings;
let held: Float32Array;
const trainings = new Trainings({
  create: async (seed) =>
    Trainer.create({
      device: await devices.get(),
      anotherDevice: () => devices.get(),
      seed: seed + 1,
      held,
      recordings: () => recordings.train,
      send,
    }),
  send: (event) => send(event),
});
/** For noise that nothing has seen. */
let draws = 2_000_000;

const newNoise = (count: number) => new Noise(draws++).forPictures(count);

/** Calls `work` with a generator that has the weights of a safetensors file. */
async function withGenerator<T>(weights: Uint8Array, work: (generator: Model) => Promise<T>): Promise<T> {
  const generator = sequential(generatorLayers());
  try {
    await generator.compile({ device: await devices.get() });
    await generator.setWeights([...readSafetensors(weights).tensors.values()] as NamedWeight[]);
    return await work(generator);
  } finally {
    generator.dispose();
  }
}

async function paint(count: number): Promise<Float32Array> {
  return (await trainings.begun()).gan.paint(newNoise(count));
}

const fakes: Fakes = {
  async connect(listener, stored: StoredPictures) {
    send = listener;
    held = stored.recordings;
    const yardstick = yardstickOf(held);
    const ofFakes = distanceTo(yardstick, stored.fakes);
    send({ type: 'stored', fakes: ofFakes });
    const device = devices.get().catch(() => undefined); // asked for while the recordings are made
    recordings = await simulateRecordings(FIRST_PER_DAY);
    send({ type: 'stored', fakes: ofFakes, recordings: distanceTo(yardstick, recordings.train) });
    if (!(await device)) return;
    await trainings.start();
    simulateRecordings(ALL_PER_DAY).then((all) => {
      recordings = all;
    }, trainings.failed);
  },

  pause() {
    trainings.paused = true;
  },

  resume() {
    trainings.paused = false;
  },

  startOver: () => trainings.startOver(),

  paint,

  async judge(pictures) {
    return (await trainings.begun()).gan.judge(pictures);
  },

  async stamp(example) {
    for (let left = TRIES; ; left--) {
      const device = await devices.get();
      try {
        return await paintOnGpu(device, example);
      } catch (error) {
        if (device.lost === undefined || left === 1) throw error;
      }
    }
  },

  labFiles(stored) {
    if (!stored) return labFilesOf(recordings, paint);
    return withGenerator(stored, (generator) =>
      labFilesOf(recordings, async (count) => {
        const { data } = await generator.predict({ data: newNoise(count), shape: [count, NOISE] });
        return data as Float32Array;
      }),
    );
  },
};

Comlink.expose(fakes);
