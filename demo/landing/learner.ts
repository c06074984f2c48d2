/** The worker's part with the engine, which it loads after the first pictures: trains the network, and answers for it. */
import type { BrainSet } from 'neurite/brain';
import { DeviceSource } from '../gpu/device.ts';
import { NEW_SEGMENTS, simulate, TRAINED_SEGMENTS, trainedPicture } from './pictures.ts';
import type { Landing, LandingEvent } from './protocol.ts';
import { Trainer } from './trainer.ts';
import { ALL_IMAGES, FIRST_IMAGES, MORE_IMAGES, TEST_IMAGES } from './training.ts';

let send: (event: LandingEvent) => void = () => {};
const devices = new DeviceSource((machine) => send({ type: 'machine', machine }));

/** All pictures so far. */
const pictures: { train?: BrainSet; test?: BrainSet } = {};
let picture: Float32Array | undefined;
let seed = 0;
let paused = false;
let trainer: Trainer | undefined;
/** Who waits for a network. */
let waiting: ((trainer: Trainer) => void)[] = [];
/** The training under way ends before the next one begins. */
let training: Promise<void> = Promise.resolve();

/** More pictures when there is time for them; the training under way takes them at once. */
async function simulateAll(): Promise<void> {
  const learnFrom = async (imagesPerClass: number) => {
    pictures.train = await simulate(TRAINED_SEGMENTS, imagesPerClass);
    if (trainer) trainer.train = pictures.train;
  };
  await learnFrom(MORE_IMAGES);
  pictures.test = await simulate(NEW_SEGMENTS, TEST_IMAGES);
  if (trainer) trainer.test = pictures.test;
  await learnFrom(ALL_IMAGES);
}

async function train(): Promise<void> {
  const [device, first] = [await devices.get(), await trainedPicture()];
  const own = await Trainer.create({
    device,
    seed,
    train: pictures.train!,
    send,
    lookAt: () => picture ?? first,
  });
  own.test = pictures.test;
  if (paused) own.pause();
  trainer = own;
  send({ type: 'begin' });
  for (const begin of waiting) begin(own);
  waiting = [];
  await own.run();
}

/** Resolves once there is one. */
const network = async (): Promise<Trainer> => trainer ?? new Promise((resolve) => waiting.push(resolve));

/** Where there is no GPU this was sent as a machine that is missing. */
const report = (error: Error) => {
  if (error.name !== 'DeviceError' || trainer) send({ type: 'failed', message: error.message });
};

export const learner: Omit<Landing, 'cards' | 'trainedPicture'> = {
  async connect(listener) {
    send = listener;
    const device = devices.get().catch(() => undefined); // asked for while the pictures are made
    pictures.train = await simulate(TRAINED_SEGMENTS.slice(0, 1), FIRST_IMAGES);
    if (!(await device)) return;
    training = train().catch(report);
    await network();
    simulateAll().catch(report);
  },

  pause() {
    paused = true;
    trainer?.pause();
  },

  resume() {
    paused = false;
    trainer?.resume();
  },

  startOver() {
    seed++;
    const before = trainer;
    before?.end();
    trainer = undefined;
    training = training
      .then(() => {
        before?.model.dispose();
        return train();
      })
      .catch(report);
  },

  async judge(wanted) {
    return (await network()).judge(wanted);
  },

  lookAt(pixels) {
    picture = pixels;
  },
};
