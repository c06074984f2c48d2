/** The worker's part with the engine, which it loads after the first pictures: trains the network, and answers for it. */
import type { BrainSet } from 'neurite/brain';
import { DeviceSource } from '../gpu/device.ts';
import { Trainings } from '../gpu/watchedTraining.ts';
import { NEW_SEGMENTS, simulate, TRAINED_SEGMENTS, trainedPicture } from './pictures.ts';
import type { Landing, LandingEvent } from './protocol.ts';
import { Trainer } from './trainer.ts';
import { ALL_IMAGES, FIRST_IMAGES, MORE_IMAGES, TEST_IMAGES } from './training.ts';

let send: (event: LandingEvent) => void = () => {};
const devices = new DeviceSource((machine) => send({ type: 'machine', machine }));

/** All pictures so far. */
const pictures: { train?: BrainSet; test?: BrainSet } = {};
let picture: Float32Array | undefined;

const trainings = new Trainings({
  async create(seed) {
    const [device, first] = [await devices.get(), await trainedPicture()];
    const lookAt = () => picture ?? first;
    const trainer = await Trainer.create({ device, seed, train: pictures.train!, send, lookAt });
    trainer.test = pictures.test;
    return trainer;
  },
  send: (event) => send(event),
});

/** More pictures when there is time for them; the training under way takes them at once. */
async function simulateAll(): Promise<void> {
  const learnFrom = async (imagesPerClass: number) => {
    pictures.train = await simulate(TRAINED_SEGMENTS, imagesPerClass);
    if (trainings.trainer) trainings.trainer.pictures = pictures.train;
  };
  await learnFrom(MORE_IMAGES);
  pictures.test = await simulate(NEW_SEGMENTS, TEST_IMAGES);
  if (trainings.trainer) trainings.trainer.test = pictures.test;
  await learnFrom(ALL_IMAGES);
}

export const learner: Omit<Landing, 'cards' | 'trainedPicture'> = {
  async connect(listener) {
    send = listener;
    const device = devices.get().catch(() => undefined); // asked for while the pictures are made
    pictures.train = await simulate(TRAINED_SEGMENTS.slice(0, 1), FIRST_IMAGES);
    if (!(await device)) return;
    await trainings.start();
    simulateAll().catch(trainings.failed);
  },

  pause() {
    trainings.paused = true;
  },

  resume() {
    trainings.paused = false;
  },

  startOver: () => trainings.startOver(),

  async judge(wanted) {
    return (await trainings.begun()).judge(wanted);
  },

  lookAt(pixels) {
    picture = pixels;
  },
};
