/** The playground's training on the GPU beside the same training by hand, and the gradients by hand beside finite differences. */
import { describe, expect, test } from 'vitest';
import { trainOnGpu } from '../../demo/learning/playground/gpu.ts';
import { FEATURES, pointsOf, surfaceOf, TASKS } from '../../demo/learning/playground/points.ts';
import { BATCH, FIRST_SETTINGS, POINTS, type Settings, setupOf } from '../../demo/learning/playground/setup.ts';
import { lookOf, Order, trainByHand } from '../../demo/learning/playground/trainer.ts';
import { array64 } from '../../demo/lesson/reference/array64.ts';
import { backward, copyOf, networkLoss } from '../../demo/lesson/reference/network.ts';
import { testDevice } from '../support/device.ts';

const settings = (changes: Partial<Settings>) => ({ ...FIRST_SETTINGS, ...changes });

const CASES: readonly Settings[] = [
  FIRST_SETTINGS,
  settings({ task: 'circle', hidden: [3], activation: 'relu', noise: 0.3, decay: 0.1, seed: 4 }),
  settings({ task: 'xor', hidden: [], features: [0, 1, 4], activation: 'tanh', rate: 0.1 }),
  settings({ task: 'regression', hidden: [4, 5, 2], features: [0, 1, 2, 3, 4, 5, 6], activation: 'sigmoid' }),
];

const worst = (values: ArrayLike<number>, references: ArrayLike<number>) => {
  expect(values.length).toBe(references.length);
  return Math.max(...Array.from(references, (want, i) => Math.abs(values[i]! - want) / Math.max(1, Math.abs(want))));
};

describe.each(CASES)('$task, units $hidden, $activation', (own) => {
  test('on the GPU: the same steps from the same weights, and each look is what the weights say by hand', async () => {
    const setup = setupOf(own);
    const device = await testDevice();
    const trainer = await trainOnGpu(device, setup);
    const byHand = trainByHand(setup);
    for (const steps of [0, 1, 12]) {
      if (steps > 0) await Promise.all([trainer.train(steps), byHand.train(steps)]);
      const [look, reference] = [await trainer.look(), await byHand.look()];
      expect(look.step).toBe(reference.step);
      // Of its own weights, at any time.
      const own = lookOf(setup, look.network, look.step);
      expect(worst([look.trainLoss, look.testLoss], [own.trainLoss, own.testLoss])).toBeLessThan(1e-5);
      for (const [i, map] of look.maps.entries()) expect(worst(map, own.maps[i]!)).toBeLessThan(1e-5);
      // Of the weights that it has by hand: the rounding of some steps more.
      for (const [i, { w, b }] of look.network.entries()) {
        expect(worst(w.data, reference.network[i]!.w.data)).toBeLessThan(1e-4);
        expect(worst(b.data, reference.network[i]!.b.data)).toBeLessThan(1e-4);
      }
    }
    trainer.dispose();
  });

  test('gradients by hand are finite differences of the loss', () => {
    const { network, train, loss } = setupOf(own);
    const x = array64(train.x.data.slice(0, 9 * own.features.length), [9, own.features.length]);
    const y = train.y.slice(0, 9);
    const found = backward(network, loss, x, y);
    const epsilon = 1e-6;
    network.forEach((_, layer) => {
      for (const part of ['w', 'b'] as const) {
        const gradient = found[layer]![part === 'w' ? 'dw' : 'db'].data;
        gradient.forEach((value, i) => {
          const at = (by: number) => {
            const moved = copyOf(network);
            moved[layer]![part].data[i]! += by;
            return networkLoss(moved, loss, x, y);
          };
          expect((at(epsilon) - at(-epsilon)) / (2 * epsilon)).toBeCloseTo(value, 6);
        });
      }
    });
  });
});

test('the learning rate changes at once, on the GPU and by hand', async () => {
  const setup = setupOf(settings({ hidden: [2] }));
  const trainers = [await trainOnGpu(await testDevice(), setup), trainByHand(setup)];
  const looks = await Promise.all(
    trainers.map(async (trainer) => {
      await trainer.train(2);
      trainer.setRate(0);
      const before = await trainer.look();
      await trainer.train(3);
      const after = await trainer.look();
      expect(after.network.map(({ w }) => w.data)).toEqual(before.network.map(({ w }) => w.data));
      expect(after.step).toBe(5);
      trainer.dispose();
      return after;
    }),
  );
  expect(looks[0]!.testLoss).toBeCloseTo(looks[1]!.testLoss, 4);
});

test('the network at the start of the page learns the spirals, which a linear one cannot', async () => {
  const accuracy = async (own: Settings) => {
    const setup = setupOf(own);
    const trainer = trainByHand(setup);
    await trainer.train(3000);
    const { network } = await trainer.look();
    const { maps } = lookOf({ ...setup, grid: setup.test.x }, network, 0);
    return setup.test.y.filter((y, i) => y === (maps.at(-1)![i]! > 0 ? 1 : 0)).length / POINTS;
  };
  expect(await accuracy(FIRST_SETTINGS)).toBeGreaterThan(0.95);
  expect(await accuracy(settings({ hidden: [] }))).toBeLessThan(0.75);
});

describe('points', () => {
  test.each(TASKS)('$value: balanced, the same for a seed, moved by noise', ({ value: task }) => {
    const points = pointsOf(task, 100, 0, 3);
    expect(pointsOf(task, 100, 0, 3)).toEqual(points);
    expect(pointsOf(task, 100, 0, 4)).not.toEqual(points);
    expect(pointsOf(task, 100, 0.2, 3)).not.toEqual(points);
    if (task === 'regression') for (const { x1, x2, y } of points) expect(y).toBe(surfaceOf(x1, x2));
    else expect(points.filter(({ y }) => y === 1)).toHaveLength(50);
    if (task === 'xor') for (const { x1, x2, y } of points) expect(y).toBe(x1 * x2 < 0 ? 1 : 0);
    if (task === 'circle') for (const { x1, x2, y } of points) expect(y).toBe(Math.hypot(x1, x2) < 1.6 ? 1 : 0);
  });

  test('features', () => {
    expect(FEATURES.map(({ of }) => of(2, -3))).toEqual([2, -3, 4, 9, -6, Math.sin(2), Math.sin(-3)]);
  });

  test('an epoch has each point once', () => {
    const order = new Order(5);
    const epoch = order.next(POINTS / BATCH);
    expect(new Set(epoch).size).toBe(POINTS);
    expect(order.next(POINTS / BATCH)).not.toEqual(epoch);
  });
});
