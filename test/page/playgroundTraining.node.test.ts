/** When the playground trains, and when it does not: without a GPU and without a page, frame by frame. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FIRST_SETTINGS, setupOf } from '../../demo/learning/playground/setup.ts';
import type { Look } from '../../demo/learning/playground/trainer.ts';
import type { Training } from '../../demo/learning/playground/training.ts';

let frames: (() => void)[] = [];
let looks: Look[] = [];
let pauses = 0;
let training: Training;

beforeEach(async () => {
  frames = [];
  looks = [];
  pauses = 0;
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('requestAnimationFrame', (next: () => void) => frames.push(next));
  vi.stubGlobal('reportError', (error: unknown) => {
    throw error;
  });
  const { Training } = await import('../../demo/learning/playground/training.ts');
  training = new Training(setupOf({ ...FIRST_SETTINGS, hidden: [] }), {
    onLook: (look, by) => {
      expect(by).toBe('hand');
      looks.push(look);
    },
    onPause: () => {
      pauses++;
    },
  });
});

afterEach(() => {
  training.end();
  vi.unstubAllGlobals();
});

/** Lets all that waits for a promise alone come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
async function frame(): Promise<void> {
  await settle();
  for (const next of frames.splice(0)) next();
  await settle();
}
const steps = () => looks.map(({ step }) => step);

test('it looks at once, trains when it may, pauses, and steps', async () => {
  await frame();
  expect(steps()).toEqual([0]);
  training.running = true;
  await frame();
  await frame();
  expect(steps()).toEqual([0, 10, 20]);
  training.running = false;
  await frame();
  await frame();
  expect(steps()).toEqual([0, 10, 20]);
  training.step();
  await frame();
  await frame();
  expect(steps()).toEqual([0, 10, 20, 21]);
  training.setRate(0);
  training.step();
  await frame();
  expect(looks.at(-1)!.network[0]!.w.data).toEqual(looks.at(-2)!.network[0]!.w.data);
  expect(training.now.step).toBe(22);
  training.end();
  training.step();
  await frame();
  expect(steps()).toHaveLength(5);
});

test('a step that is asked for while others are under way comes after them', async () => {
  training.running = true;
  await frame();
  await frame();
  for (const next of frames.splice(0)) next();
  await Promise.resolve(); // it has begun with ten steps, and has not looked at them
  training.running = false;
  training.step();
  await frame();
  await frame();
  const last = steps().at(-1)!;
  expect(last % 10).toBe(1);
  await frame();
  expect(steps().at(-1)).toBe(last);
});

test('it pauses by itself, and trains on when it is asked to', async () => {
  const { MOST_STEPS } = await import('../../demo/learning/playground/training.ts');
  training.running = true;
  while (pauses === 0) await frame();
  expect(steps().at(-1)).toBe(MOST_STEPS);
  await frame();
  expect(steps().at(-1)).toBe(MOST_STEPS);
  training.running = true;
  await frame();
  await frame();
  expect(steps().at(-1)).toBeGreaterThan(MOST_STEPS);
  expect(pauses).toBe(1);
});
