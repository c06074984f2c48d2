/** The training of the page about fakes, and the distance that it is measured by. */
import { describe, expect, test } from 'vitest';
import { Noise } from '../../demo/fakes/noise.ts';
import { PIXELS, SIDE } from '../../demo/fakes/pictures.ts';
import { distanceTo, FEATURES, featuresOf, yardstickOf } from '../../demo/fakes/training/distance.ts';
import type { FakesEvent } from '../../demo/fakes/training/protocol.ts';
import { simulateRecordings } from '../../demo/fakes/training/recordings.ts';
import { Trainer } from '../../demo/fakes/training/trainer.ts';
import { type Device, requestDevice } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';

const { train, held } = await simulateRecordings(16);

test('the first recordings that are held out are held out of all', async () => {
  // As 36 and 256, 16 and 21 leave the rest 1 when divided by 5.
  const more = await simulateRecordings(21);
  const rows = (pictures: Float32Array) =>
    Array.from({ length: pictures.length / PIXELS }, (_, i) => pictures.slice(i * PIXELS, (i + 1) * PIXELS).join());
  const all = new Set(rows(more.train));
  expect(rows(held).filter((row) => all.has(row))).toEqual([]);
  expect(rows(train).filter((row) => all.has(row))).toHaveLength(train.length / PIXELS);
});

describe('distance', () => {
  test('brightness and grain of each tile', () => {
    const picture = Float32Array.from({ length: PIXELS }, (_, i) => {
      const [row, column] = [Math.floor(i / SIDE), i % SIDE];
      return row < 8 && column < 8 ? (column % 2 ? 0.5 : -0.5) : 0.25;
    });
    const features = featuresOf(picture);
    expect([...features.slice(0, 4)]).toEqual([0, 1, 0.25, 0]);
    expect(features).toHaveLength(FEATURES);
  });

  test('none to themselves, and more the more they are changed', () => {
    const yardstick = yardstickOf(train);
    const changed = (by: number) =>
      distanceTo(
        yardstick,
        train.map((value, i) => value + by * Math.sin(i * i)),
      );
    expect(changed(0)).toBeCloseTo(0, 6);
    expect(changed(0.05)).toBeGreaterThan(0.01);
    expect(changed(0.2)).toBeGreaterThan(changed(0.05));
  });
});

test('each step has its losses, the last one a look and a measurement; a pause holds, an end ends', async () => {
  const events: FakesEvent[] = [];
  const device = await testDevice();
  const of = <T extends FakesEvent['type']>(type: T) =>
    events.filter((event): event is Extract<FakesEvent, { type: T }> => event.type === type);
  const options = { device, seed: 1, recordings: () => train, held, leastStepMs: 0 };
  const trainer: Trainer = await Trainer.create({
    ...{ ...options, steps: 3 },
    send(event) {
      events.push(event);
      if (event.type === 'step' && event.step.step === 2) trainer.paused = true;
    },
  });
  const running = trainer.run();
  await expect.poll(() => of('step').length).toBe(2);
  await trainer.gan.judge(held); // a turn of the GPU later
  expect(of('step')).toHaveLength(2);
  trainer.paused = false;
  await running;
  expect(of('step').map(({ step }) => step.step)).toEqual([1, 2, 3]);
  for (const { step } of of('step')) expect(step.generator * step.discriminator).toBeGreaterThan(0);
  const looks = of('look');
  expect([looks[0]!.step, looks.at(-1)!.step]).toEqual([0, 3]);
  expect(looks[0]!.fakes).toHaveLength(16 * PIXELS);
  expect(looks.at(-1)!.fakes).not.toEqual(looks[0]!.fakes);
  const [{ measured }] = of('measured') as [Extract<FakesEvent, { type: 'measured' }>];
  expect(measured.accuracy).toBeGreaterThanOrEqual(0);
  expect(measured.accuracy).toBeLessThanOrEqual(1);
  expect(measured.distance).toBeGreaterThan(0);
  expect(of('over')).toHaveLength(1);
  trainer.gan.dispose();

  events.length = 0;
  const ended: Trainer = await Trainer.create({
    ...options,
    send(event) {
      events.push(event);
      if (event.type === 'step') ended.end();
    },
  });
  await ended.run();
  expect(of('step')).toHaveLength(1);
  expect(of('over')).toHaveLength(0);
  ended.gan.dispose();
});

test('a device that is lost on the way: training goes on from the last weights that were kept, to its end', async () => {
  const devices: Device[] = [];
  const anotherDevice = async () => {
    devices.push(await requestDevice());
    return devices.at(-1)!;
  };
  const [events, painted]: [number[], Promise<Float32Array>[]] = [[], []];
  let over = 0;
  const trainer: Trainer = await Trainer.create({
    ...{
      device: await anotherDevice(),
      anotherDevice,
      seed: 1,
      recordings: () => train,
      held,
      leastStepMs: 0,
      steps: 4,
    },
    send(event) {
      if (event.type === 'over') over++;
      if (event.type !== 'step') return;
      events.push(event.step.step);
      if (events.length !== 2) return;
      devices.at(-1)!.gpu.destroy();
      painted.push(trainer.gan.paint(new Noise(2).forPictures(2))); // a visitor asks for fakes just then
    },
  });
  await trainer.run();
  // On a machine that makes two steps within two seconds no weights were kept, so it begins anew.
  const again = events.slice(2);
  expect(events.slice(0, 2)).toEqual([1, 2]);
  expect([1, 2, 3]).toContain(again[0]);
  expect(again).toEqual([1, 2, 3, 4].slice(again[0]! - 1));
  expect([over, trainer.gan.steps, devices.length]).toEqual([1, 4, 2]);
  expect((await painted[0]!).every(Number.isFinite)).toBe(true);
  trainer.gan.dispose();
  for (const device of devices) device.destroy();
});
