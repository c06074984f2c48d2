/** What the page shows: the training step of a network, as the engine plans it, and with times once it was measured. */
import { computed, effect, signal } from '@preact/signals';
import { attempt, notify } from '../frame/notify.ts';
import { settingsFromLink } from '../lab/link.ts';
import type { Hello, LayerSpec, PresetName, TrainingSettings } from '../lab/protocol/index.ts';
import { connect, machine, planner } from './client.ts';
import type { Schedule } from './protocol/index.ts';

interface Network {
  /** `custom`: it came with a link. */
  name: PresetName | 'custom';
  layers: LayerSpec[];
  training: TrainingSettings;
}

const hello = signal<Hello | undefined>(undefined);
/** The networks to choose from. */
export const presets = computed(() => Object.keys(hello.value?.presets ?? {}) as PresetName[]);
/** The network whose step is shown. */
export const network = signal<Network | undefined>(undefined);
/** That of the lab's link, to come back to. */
export const linked = signal<Network | undefined>(undefined);
export const planned = signal<Schedule | undefined>(undefined);
export const measured = signal<Schedule | undefined>(undefined);
/** What is drawn. */
export const shown = computed(() => measured.value ?? planned.value);
/** Number of the dispatch that is marked everywhere. */
export const selected = signal<number | undefined>(undefined);
export const measuring = signal(false);

/** Why nothing can be measured. */
export const obstacle = computed(() => {
  const { value } = machine;
  if (value.state !== 'ready') return 'It needs WebGPU.';
  if (!value.timestamps) return 'This adapter has no timestamp queries, so single dispatches cannot be timed.';
  return undefined;
});

/** Starts the worker, takes the network of the link, and keeps what is shown up to date. */
export async function start(): Promise<void> {
  hello.value = await attempt(connect);
  if (!hello.value) return;
  choosePreset('baseline');
  takeLink();
  addEventListener('hashchange', takeLink);
  effect(() => {
    const wanted = network.value;
    if (wanted && machine.value.state === 'ready') show(wanted);
  });
}

export function choosePreset(name: PresetName): void {
  const preset = hello.value!.presets[name];
  network.value = { name, layers: preset.layers, training: preset.training };
}

/** Shows the network that the lab's link holds, if it holds any. */
function takeLink(): void {
  try {
    const settings = settingsFromLink(location.hash, hello.value!);
    if (!settings) return;
    linked.value = { name: settings.preset, layers: settings.layers, training: settings.training };
    network.value = linked.value;
  } catch (error) {
    notify('problem', (error as Error).message);
  }
}

/** Plans the step of a network, and then measures it. */
async function show(wanted: Network): Promise<void> {
  planned.value = undefined;
  measured.value = undefined;
  selected.value = undefined;
  const schedule = await attempt(() => planner.plan(wanted.layers, wanted.training));
  if (network.value !== wanted) return;
  planned.value = schedule;
  if (schedule) await measure();
}

/** Trains the network for a few steps, and measures one of them. */
export async function measure(): Promise<void> {
  const wanted = network.value;
  if (!wanted || obstacle.value) return;
  measuring.value = true;
  const result = await attempt(() => planner.measure(wanted.layers, wanted.training));
  if (network.value !== wanted) return; // another one is being measured
  measuring.value = false;
  if (result) measured.value = result;
}
