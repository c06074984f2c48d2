/** The network of the landing page: what the GPU computes is what byHand.ts computes, and it learns. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forward } from '../../demo/landing/byHand.ts';
import { cardsOf, NEW_SEGMENTS, simulate, TRAINED_SEGMENTS } from '../../demo/landing/pictures.ts';
import type { LandingEvent, Look } from '../../demo/landing/protocol.ts';
import { judgeByHand, lookByHand, storedProgress } from '../../demo/landing/stored.ts';
import { Trainer } from '../../demo/landing/trainer.ts';
import { STEPS, smoothed, TEST_IMAGES } from '../../demo/landing/training.ts';
import { brainSize } from '../../src/brain/index.ts';
import { type Device, requestDevice } from '../../src/index.ts';

const pixels = brainSize ** 2;
let device: Device;

beforeAll(async () => {
  device = await requestDevice();
});

afterAll(() => device.destroy());

const first = (data: Float32Array, row = 0) => data.slice(row * pixels, (row + 1) * pixels);

/** A trainer that notes what it sends, and calls `on` after each event. */
async function observed(on: (trainer: Trainer, event: LandingEvent) => void) {
  const train = await simulate(TRAINED_SEGMENTS, 8);
  const events: LandingEvent[] = [];
  const trainer: Trainer = await Trainer.create({
    ...{ device, seed: 0, train, leastStepMs: 0 },
    lookAt: () => first(train.x.data),
    send(event) {
      events.push(event);
      on(trainer, event);
    },
  });
  const looks = () => events.flatMap((event) => (event.type === 'look' ? [event.look] : []));
  return { trainer, train, events, looks };
}

test('maps and probability of the GPU are those by hand, before and while it learns', async () => {
  const { trainer, looks, events, train } = await observed((trainer, event) => {
    if (event.type === 'step' && event.step === 6) trainer.end();
  });
  await trainer.run();
  expect(events.filter(({ type }) => type === 'step')).toHaveLength(6);
  expect(events.some(({ type }) => type === 'over')).toBe(false); // it was ended
  const compare = ({ weights, pixels, maps, fake }: Pick<Look, 'weights' | 'pixels' | 'maps' | 'fake'>) => {
    const byHand = forward(weights, pixels);
    expect(maps.map(({ shape }) => shape)).toEqual([
      [62, 62, 4],
      [46, 46, 8],
    ]);
    maps.forEach(({ data }, layer) => {
      const reference = byHand.maps[layer]!.data;
      expect(data).toHaveLength(reference.length);
      const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0);
      expect(worst).toBeLessThan(1e-3);
    });
    expect(Math.abs(fake - byHand.fake)).toBeLessThan(1e-4);
    expect(byHand.fake).toBeGreaterThan(0);
  };
  expect(looks().length).toBeGreaterThan(0);
  for (const look of looks()) compare(look);
  // After six steps the moving averages and all weights have moved.
  const weights = (await trainer.model.getWeights()).map(({ name, shape, data }) => ({
    name,
    shape: [...shape],
    data,
  }));
  expect(weights.every(({ data }, i) => data.some((value, k) => value !== looks()[0]!.weights[i]!.data[k]))).toBe(true);
  const pictures = [0, 1, 2, 3].map((row) => first(train.x.data, row));
  const judged = await trainer.judge(pictures);
  judged.forEach((fake, i) => {
    expect(Math.abs(fake - forward(weights, pictures[i]!).fake)).toBeLessThan(1e-4);
  });
  trainer.model.dispose();
});

test('it pauses between steps, goes on, is tested on new animals, and takes more pictures when they come', async () => {
  let resumed = 0;
  const { trainer, events } = await observed((trainer, event) => {
    if (event.type === 'step' && event.step === 3) {
      trainer.paused = true;
      setTimeout(() => {
        resumed = events.length;
        trainer.paused = false;
      }, 200);
    }
    if (event.type === 'test') trainer.end();
  });
  trainer.test = await simulate(NEW_SEGMENTS, 2);
  trainer.pictures = await simulate(TRAINED_SEGMENTS, 12);
  await trainer.run();
  expect(events.slice(0, resumed).filter(({ type }) => type === 'step')).toHaveLength(3);
  expect(events.filter(({ type }) => type === 'step')).toHaveLength(20);
  const tests = events.filter((event) => event.type === 'test');
  expect(tests).toHaveLength(1);
  const judged = await trainer.judge([...trainer.test.y.keys()].map((row) => first(trainer.test!.x.data, row)));
  const right = judged.filter((fake, i) => (fake > 0.5 ? 1 : 0) === trainer.test!.y[i]).length;
  expect(tests[0]).toEqual({ type: 'test', step: 20, right, count: 12 });
  trainer.model.dispose();
});

test('the stored network has the score that is stored with it, and that is better than chance', async () => {
  const { tested, newAnimals, training } = storedProgress();
  const { x, y } = await simulate(NEW_SEGMENTS, TEST_IMAGES);
  const right = [...y.keys()].filter((row) => (judgeByHand(first(x.data, row)) > 0.5 ? 1 : 0) === y[row]).length;
  expect({ right, count: y.length }).toEqual(tested);
  expect(newAnimals.at(-1)).toEqual({ step: STEPS, value: tested!.right / tested!.count });
  expect(tested!.right / tested!.count).toBeGreaterThan(0.7);
  expect(training.at(-1)!.value).toBeGreaterThan(0.85);
  const look = lookByHand(first(x.data));
  expect(look.maps.map(({ shape }) => shape)).toEqual([
    [62, 62, 4],
    [46, 46, 8],
  ]);
});

test('rounds have other pictures each, of the animals that it is not trained on', async () => {
  const rounds = await Promise.all([0, 1, 3].map(cardsOf));
  for (const cards of rounds) {
    expect(cards).toHaveLength(12);
    expect(cards.filter(({ label }) => label === 1)).toHaveLength(6);
  }
  const texts = rounds.flat().map(({ pixels }) => pixels.join());
  expect(new Set(texts).size).toBe(36);
  const trained = await simulate(TRAINED_SEGMENTS, 12);
  for (const row of trained.y.keys()) expect(texts).not.toContain(first(trained.x.data, row).join());
});

test('the curve of the training is the mean of the last steps, of the first ones as far as they go', () => {
  const points: { step: number; value: number }[] = [];
  for (let step = 1; step <= 4; step++) points.push(smoothed(points, { step, accuracy: step % 2 }));
  expect(points.map(({ value }) => value)).toEqual([1, 0.5, 2 / 3, 0.5]);
  expect(smoothed([{ value: 0.5 }], { step: 300, accuracy: 1 }).value).toBeCloseTo(0.525, 12);
});
