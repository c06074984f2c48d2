/** Edits that can be taken back. */
import { computed, effect, signal } from '@preact/signals';
import type { LayerSpec, PresetName } from '../../protocol/index.ts';
import { layers, preset, setLayers } from '../../state/network.ts';

interface Past {
  preset: PresetName | 'custom';
  layers: readonly LayerSpec[];
}

const MOST = 50;
/** Changes that follow one another faster are one, as is the typing of a number. */
const ONE_EDIT_MS = 1000;

const past = signal<readonly Past[]>([]);
let last: Past = { preset: preset.peek(), layers: layers.peek() };
let lastTime = Number.NEGATIVE_INFINITY;
let undoing = false;

export const undoable = computed(() => past.value.some(({ layers }) => layers.length > 0));

export function edit(edited: readonly LayerSpec[]): void {
  lastTime = Number.NEGATIVE_INFINITY; // a move or a removal is an edit of its own
  setLayers(edited);
  lastTime = Number.NEGATIVE_INFINITY;
}

export function undo(): void {
  const before = past.value.at(-1);
  if (!before) return;
  undoing = true;
  past.value = past.value.slice(0, -1);
  preset.value = before.preset;
  layers.value = before.layers;
  undoing = false;
}

effect(() => {
  const now: Past = { preset: preset.value, layers: layers.value };
  if (now.layers === last.layers) {
    last = now;
    return;
  }
  const time = performance.now();
  if (!undoing && last.layers.length > 0 && time - lastTime > ONE_EDIT_MS) {
    past.value = [...past.peek(), last].slice(-MOST);
  }
  lastTime = undoing ? Number.NEGATIVE_INFINITY : time;
  last = now;
});
