/** Keeps a network with first weights in the worker until one is trained or loaded, so that there is always one to look into. */
import { computed, effect } from '@preact/signals';
import { lab, machine } from '../client.ts';
import type { PresetName } from '../protocol/index.ts';
import { choosePreset, info, layers } from '../state/network.ts';
import { training } from '../state/training.ts';
import { currentModel, fresh, initializing, obstacle, running } from './runs.ts';

/** The network and the seed of its first weights, as text; undefined where none is to be made. */
const wanted = computed(() => {
  const fits = info.value?.layers.length === layers.value.length && !info.value.problem;
  const idle = machine.value.state === 'ready' && !running.value && currentModel.value === undefined;
  return fits && idle ? JSON.stringify([layers.value, training.value.seed]) : undefined;
});

export function watchFresh(): void {
  let made: string | undefined;
  effect(() => {
    if (currentModel.value !== undefined) {
      made = undefined;
      fresh.value = false;
    }
    const now = wanted.value;
    if (now === undefined || now === made) return;
    made = now;
    initializing.value = true;
    fresh.value = false;
    lab
      .initialize([...layers.peek()], training.peek().seed)
      .catch(() => false) // one that is too large fails when it is started, with a message
      .then((there) => {
        if (made !== now) return;
        initializing.value = false;
        fresh.value = there;
      });
  });
}

/** Takes a preset, in the place of the network that there is; a trained one stays in the list of runs. */
export function beginWith(name: PresetName): void {
  choosePreset(name);
  if (!running.peek()) drawChosen();
}

/** Leaves the trained network, which stays in the list of runs: the one that is chosen takes its place. */
export function drawChosen(): void {
  currentModel.value = undefined;
}

/** Why there is no network to look into; undefined where there is one, or will be. */
export const nothingToSee = computed(() =>
  machine.value.state === 'missing' ? 'Without a GPU there is no network to look into.' : obstacle.value,
);
