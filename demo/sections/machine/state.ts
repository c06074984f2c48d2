/**
 * What the section shows: the training step of the network in the editor, as the engine plans it and with times once a step was
 * measured; and the self-test of the visitor's device.
 */
import { computed, effect, signal } from '@preact/signals';
import * as Comlink from 'comlink';
import { lab, machine, onEvent } from '../../client.ts';
import type { DeviceTest, Schedule, SelfTestProgress, Tester } from '../../protocol/index.ts';
import { live, runState } from '../../runs/runs.ts';
import { info, layers } from '../../state/network.ts';
import { attempt, notify } from '../../state/notices.ts';
import { training } from '../../state/training.ts';

/** Typing is over. */
const QUIET_MS = 300;
/** Steps of a run after which one is measured by itself: the first ones are not typical. */
const WARM_STEPS = 3;

/** Whether the section is on the screen. */
export const watching = signal(false);
export const planned = signal<Schedule | undefined>(undefined);
/** A step of the run under way, or of the last one, with times. */
export const measured = signal<Schedule | undefined>(undefined);
/** What is drawn: the measured step until the network changes. */
export const shown = computed(() => measured.value ?? planned.value);
/** Number of the dispatch that is marked everywhere. */
export const selected = signal<number | undefined>(undefined);
export const measuring = signal(false);

export const obstacle = computed(() => {
  const { value } = machine;
  if (value.state !== 'ready') return 'It needs WebGPU.';
  if (!value.timestamps) return 'This adapter has no timestamp queries, so single dispatches cannot be timed.';
  if (runState.value !== 'training') return 'It measures a step of the run under way: press Start.';
  return undefined;
});

/** Measures the next step of the run under way. @param quietly the user has not asked for it: a run that ends before is no problem */
export async function measure({ quietly = false } = {}): Promise<void> {
  if (obstacle.value || measuring.value) return;
  measuring.value = true;
  const result = await (quietly ? lab.profile().catch(() => undefined) : attempt(() => lab.profile()));
  measuring.value = false;
  if (result) measured.value = result;
}

/** Keeps the plan up to date while the section is on the screen. */
export function watchSchedule(): void {
  let timer: ReturnType<typeof setTimeout>;
  let asked = 0;
  effect(() => {
    const [list, settings] = [layers.value, training.value];
    const fits = info.value && !info.value.problem && info.value.layers.length === list.length;
    if (!watching.value || !fits || machine.value.state !== 'ready') return;
    clearTimeout(timer);
    const ticket = ++asked;
    timer = setTimeout(async () => {
      const schedule = await lab.schedule([...list], settings).catch(() => undefined); // what does not fit is said at the layer
      if (ticket !== asked || !schedule) return;
      planned.value = schedule;
    }, QUIET_MS);
  });
  // Another network: what was measured is not its own.
  effect(() => {
    void layers.value;
    measured.value = undefined;
  });
  let steps = 0;
  onEvent((event) => {
    if (event.type === 'begin') steps = 0;
    if (event.type !== 'steps') return;
    const before = steps;
    steps += event.points.length;
    if (before < WARM_STEPS && steps >= WARM_STEPS && !obstacle.peek() && live.peek()) measure({ quietly: true });
  });
}

// ---------------------------------------------------------------------------------------------------- self-test

/** Of the test under way. */
export const selfTestProgress = signal<SelfTestProgress | undefined>(undefined);
export const deviceTest = signal<DeviceTest | undefined>(undefined);

const STARTING: SelfTestProgress = { op: 'a device', done: 0, total: 1, failed: 0 };

let worker: Worker | undefined;

/** Ends the test under way, and frees all that it holds. */
export function cancelSelfTest(): void {
  worker?.terminate();
  worker = undefined;
  selfTestProgress.value = undefined;
}

export async function startSelfTest(): Promise<void> {
  cancelSelfTest();
  deviceTest.value = undefined;
  selfTestProgress.value = STARTING;
  const own = new Worker(new URL('../../worker/selfTest.ts', import.meta.url), { type: 'module', name: 'self-test' });
  worker = own;
  const failed = new Promise<never>((_, reject) => {
    own.addEventListener('error', ({ message }) => reject(new Error(message || 'its code could not be loaded')));
  });
  try {
    const run = Comlink.wrap<Tester>(own).run(
      Comlink.proxy((progress: SelfTestProgress) => {
        if (worker === own) selfTestProgress.value = progress;
      }),
    );
    const found = await Promise.race([run, failed]);
    if (worker === own) deviceTest.value = found;
  } catch (error) {
    if (worker === own) notify('problem', `The self-test could not run: ${(error as Error).message}`);
  } finally {
    if (worker === own) cancelSelfTest();
  }
}
