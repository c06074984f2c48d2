/** The GAN of the page, for a few steps on a few recordings: `npm run gan` trains and measures it in full. */
import { expect, test } from 'vitest';
import { Gan } from '../../demo/fakes/gan.ts';
import { NOISE, Noise } from '../../demo/fakes/noise.ts';
import { holdOut, PIXELS, picturesOf, SIDE } from '../../demo/fakes/pictures.ts';
import { meanDistance } from '../../demo/fakes/quality.ts';
import { simulateBrain } from '../../src/brain/index.ts';
import { loadModel } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits } from '../support/toy.ts';

const STEPS = 40;

const meanOf = (values: Float32Array) => values.reduce((sum, one) => sum + one, 0) / values.length;

test('forty steps: both networks learn, from each other', async () => {
  const device = await testDevice();
  const recordings = picturesOf(simulateBrain({ segments: [0], imagesPerClass: 40, seed: 0 }), 0);
  const { train, held } = holdOut(recordings);
  expect([train.length, held.length]).toEqual([32 * PIXELS, 8 * PIXELS]);
  const gan = await Gan.create({ device, seed: 1 });
  const noise = new Noise(9).forPictures(16);
  const before = await gan.paint(noise);
  expect(before.length).toBe(16 * SIDE * SIDE);
  const weights = { generator: await bits(gan.generator), discriminator: await bits(gan.discriminator) };

  const losses = [];
  for (let i = 0; i < STEPS; i++) losses.push(await gan.train(train));
  expect(gan.steps).toBe(STEPS);
  for (const { generator, discriminator } of losses) {
    expect(Number.isFinite(generator) && generator > 0).toBe(true);
    expect(Number.isFinite(discriminator) && discriminator > 0).toBe(true);
  }
  // A discriminator that knows nothing has a loss of 2 ln 2.
  expect(losses.at(-1)!.discriminator).toBeLessThan(1.3);

  // Every weight of both networks has a gradient.
  for (const part of ['generator', 'discriminator'] as const) {
    const after = await bits(gan[part]);
    expect(after.filter((bit, i) => bit !== weights[part][i]).length).toBeGreaterThan(0.9 * after.length);
  }
  const after = await gan.paint(noise);
  expect(after.every((value) => value >= -1 && value <= 1)).toBe(true);
  expect(meanDistance(after, PIXELS)).toBeGreaterThan(0.02);
  // The first fakes are grey; those after some steps have come nearer to the recordings' brightness.
  const wanted = meanOf(train);
  expect(Math.abs(meanOf(after) - wanted)).toBeLessThan(Math.abs(meanOf(before) - wanted));
  expect((await gan.judge(held)).length).toBe(8);

  const loaded = await loadModel(await gan.generator.save(), { device });
  const { data } = await loaded.predict({ data: noise, shape: [16, NOISE] });
  expect(data).toEqual(after);
  loaded.dispose();
  gan.dispose();
});

test('the same seed paints the same pictures', async () => {
  const noise = new Noise(3);
  const numbers = noise.forPictures(1000);
  expect(new Noise(3).forPictures(1000)).toEqual(numbers);
  expect(new Noise(4).forPictures(1000)).not.toEqual(numbers);
  const mean = meanOf(numbers);
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length).toBeCloseTo(1, 1);
});
