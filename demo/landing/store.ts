/** Trains the landing page's network once, on all its pictures, for a page without WebGPU. Run by tools/landing.ts. */
import { requestDevice } from 'neurite';
import type { Point, Progress } from './curve.tsx';
import { NEW_SEGMENTS, simulate, TRAINED_SEGMENTS } from './pictures.ts';
import type { Look } from './protocol.ts';
import { Trainer } from './trainer.ts';
import { ALL_IMAGES, STEPS, smoothed, TEST_IMAGES } from './training.ts';

/** Digits of a weight: more change no answer. */
const DIGITS = 6;
/** Steps between two points of the stored curve. */
const THIN = 8;

/** @returns what stored.json holds */
export async function train(gpu: GPU): Promise<{ weights: unknown; progress: Progress }> {
  const training: Point[] = [];
  const newAnimals: Point[] = [];
  let tested: Progress['tested'];
  let last: Look | undefined;
  const set = await simulate(TRAINED_SEGMENTS, ALL_IMAGES);
  const trainer = await Trainer.create({
    device: await requestDevice({ gpu }),
    seed: 0,
    train: set,
    lookAt: () => set.x.data.slice(0, 128 * 128),
    leastStepMs: 0,
    send(event) {
      if (event.type === 'step') training.push(smoothed(training, event));
      if (event.type === 'look') last = event.look;
      if (event.type !== 'test') return;
      const { step, right, count } = event;
      tested = { right, count };
      newAnimals.push({ step, value: right / count });
      console.log(`step ${step}: ${right} of ${count} of the new animals' pictures right`);
    },
  });
  trainer.test = await simulate(NEW_SEGMENTS, TEST_IMAGES);
  await trainer.run();
  trainer.model.dispose();
  const short = (value: number, digits: number) => Number(value.toPrecision(digits));
  return {
    weights: last!.weights.map(({ name, shape, data }) => ({
      ...{ name, shape },
      data: Array.from(data, (value) => short(value, DIGITS)),
    })),
    progress: {
      step: STEPS,
      training: training
        .filter(({ step }) => step % THIN === 0)
        .map(({ step, value }) => ({ step, value: short(value, 4) })),
      newAnimals,
      tested: tested!,
    },
  };
}
