/** Training that a visitor watches: its pace, its pause and its end; and that one training follows the other. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Pace, Trainings, WatchedTrainer } from '../../demo/gpu/watchedTraining.ts';

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Notes what it is asked for. */
class Noted extends WatchedTrainer {
  readonly done: string[];
  onStep = (_step: number): void => {};
  /** Steps that a lost device takes along, at each of the first steps. */
  takenAlong: number[] = [];

  constructor(done: string[], pace: Partial<Pace> = {}) {
    super({ steps: 4, leastStepMs: 1, measureEvery: 2, ...pace }, ({ type }) => done.push(type));
    this.done = done;
  }

  protected async train(step: number) {
    this.done.push(`step ${step}`);
    this.onStep(step);
    return step - this.takenAlong.splice(0, 1).reduce((sum, lost) => sum + lost, 0);
  }

  protected async look(step: number) {
    this.done.push(`look ${step}`);
  }

  protected async measure(step: number) {
    this.done.push(`measure ${step}`);
  }

  dispose() {
    this.done.push('disposed');
  }
}

test('looks and measurements come with the last step, and no step is shorter than its pace', async () => {
  const trainer = new Noted([], { leastStepMs: 30 });
  const began = performance.now();
  await trainer.run();
  expect(performance.now() - began).toBeGreaterThan(4 * 29);
  const expected = ['look 0', 'step 1', 'step 2', 'measure 2', 'step 3', 'step 4', 'look 4', 'measure 4', 'over'];
  expect(trainer.done).toEqual(expected);
});

test('a look comes with the step after its time', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const trainer = new Noted([], { steps: 3, leastStepMs: 450 });
  const running = trainer.run();
  await vi.runAllTimersAsync();
  await running;
  expect(trainer.done.filter((what) => what.startsWith('look'))).toEqual(['look 0', 'look 2', 'look 3']);
});

test('a pause holds before the next step; an end ends, also a pause, and nothing is over', async () => {
  const trainer = new Noted([]);
  trainer.onStep = (step) => {
    trainer.paused = step === 2;
  };
  const running = trainer.run();
  await sleep(50);
  expect(trainer.done.at(-1)).toBe('measure 2');
  trainer.paused = false;
  await expect.poll(() => trainer.done.at(-1)).toBe('over');
  await running;

  const ended = new Noted([]);
  ended.paused = true;
  const paused = ended.run();
  await sleep(20);
  ended.end();
  await paused;
  expect(ended.done).toEqual(['look 0']);
});

/** Trainings of a thousand steps, and what came of each seed. */
function observed() {
  const done: string[][] = [];
  const sent: string[] = [];
  const trainings = new Trainings<Noted>({
    async create(seed) {
      await sleep(5);
      done[seed] = [];
      return new Noted(done[seed], { steps: 1000 });
    },
    send: (event) => sent.push(event.type === 'failed' ? event.message : event.type),
  });
  return { trainings, done, sent };
}

test('the one under way ends and is disposed of before the next one begins, as paused as it was', async () => {
  const { trainings, done, sent } = observed();
  const first = await trainings.start();
  await expect.poll(() => done[0]).toContain('step 3');
  trainings.paused = true;
  trainings.startOver();
  expect(trainings.trainer).toBeUndefined();
  const second = await trainings.begun();
  expect(second).not.toBe(first);
  await sleep(20);
  expect(done[0]!.at(-1)).toBe('disposed');
  expect(done[1]).toEqual(['look 0']);
  trainings.paused = false;
  await expect.poll(() => done[1]).toContain('step 3');
  expect(sent).toEqual(['begin', 'begin']);
  second.end();
});

test('asked for twice at once, only the last one begins', async () => {
  const { trainings, done, sent } = observed();
  await trainings.start();
  trainings.startOver();
  trainings.startOver();
  const last = await trainings.begun();
  await sleep(30);
  expect(last.done).toBe(done[2]);
  expect(done[2]).toContain('step 2');
  // While one is being made, too.
  trainings.startOver();
  await sleep(2);
  trainings.startOver();
  await expect.poll(() => done[4]).toContain('step 1');
  expect(done[3]?.filter((what) => what !== 'disposed') ?? []).toEqual([]);
  expect(sent).toEqual(['begin', 'begin', 'begin']);
  trainings.trainer!.end();
});

test('what fails is said, but not that there never was a GPU', async () => {
  const { trainings, sent } = observed();
  trainings.failed(Object.assign(new Error('WebGPU is missing'), { name: 'DeviceError' }));
  expect(sent).toEqual([]);
  await trainings.start();
  trainings.failed(Object.assign(new Error('device.lost: …'), { name: 'DeviceError' }));
  trainings.failed(new Error('odd'));
  expect(sent).toEqual(['begin', 'the GPU was lost.', 'odd']);
  trainings.trainer!.end();
});

test('steps that a lost device takes along are done again', async () => {
  const trainer = new Noted([]);
  trainer.takenAlong = [0, 0, 2, 0, 0, 1];
  await trainer.run();
  const steps = trainer.done.filter((what) => what.startsWith('step'));
  expect(steps).toEqual([1, 2, 3, 2, 3, 4, 4].map((step) => `step ${step}`));
  expect(trainer.done.slice(-3)).toEqual(['look 4', 'measure 4', 'over']);
});
