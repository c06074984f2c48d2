/** Which images there are, and what they are used for. */
import { batch, computed, signal } from '@preact/signals';
import { attempt, FILES } from '../../frame/notify.ts';
import { lab, machine } from '../client.ts';
import { type DataSummary, type Role, type Roles, SEGMENTS } from '../protocol/index.ts';
import { fitRoles } from './fitRoles.ts';

export type Colormap = 'rainbow' | 'grey';

/** Segments 0 and 1 to train on, 7 to 9 (another time and other animals) to test on: the course's protocol. */
export const DEFAULT_ROLES: Roles = Array.from({ length: SEGMENTS }, (_, i): Role => {
  if (i <= 1) return 'train';
  return i >= 7 ? 'test' : 'unused';
});

/** Images of each class and segment: what a machine without a GPU trains on in seconds, and what a GPU is good for. */
const IMAGES = { software: 128, gpu: 256 };
/** Enough to look at while the others are made. */
const FIRST_IMAGES = 8;

export const roles = signal<Roles>(DEFAULT_ROLES);
/** Undefined: what suits the machine. */
export const chosenImagesPerClass = signal<number | undefined>(undefined);
export const dataSeed = signal(0);
export const colormap = signal<Colormap>('rainbow');

/** The images that the worker holds; undefined while the first ones are made. */
export const data = signal<DataSummary | undefined>(undefined);
/** Simulation or reading is under way. */
export const loading = signal(false);

export const imagesPerClass = computed(() => {
  const { value } = machine;
  const gpu = value.state === 'ready' && !value.software;
  return chosenImagesPerClass.value ?? (gpu ? IMAGES.gpu : IMAGES.software);
});

/** Rows of the data by what they are used for. */
export const rowsByRole = computed(() => {
  const rows: Record<Role, number[]> = { train: [], validate: [], test: [], unused: [] };
  data.value?.segments.forEach((segment, row) => {
    rows[roles.value[segment] ?? 'unused'].push(row);
  });
  return rows;
});

let latest: Promise<unknown> = Promise.resolve();

/** Resolves when no images are being made or read. */
export async function dataSettled(): Promise<void> {
  let seen: Promise<unknown> | undefined;
  while (seen !== latest) {
    seen = latest;
    await seen;
  }
}

/**
 * Simulates the segments that have a use. What was there before stays until the new images are ready.
 * @param whenSeen of a page that opens: settles when a few images of one segment, which are made at once, have been seen in the
 *   network. To make the others takes seconds, and the work of both would slow down what is looked at
 */
export function simulate(whenSeen?: Promise<unknown>): Promise<void> {
  const segments = roles.value.flatMap((role, segment) => (role === 'unused' ? [] : [segment]));
  return load(async () => {
    const seed = dataSeed.value;
    const few = chosenImagesPerClass.value === undefined || chosenImagesPerClass.value > FIRST_IMAGES;
    if (!data.value && few) {
      const first = segments.filter((segment) => roles.value[segment] === 'train').slice(0, 1);
      data.value = await lab.simulate({ segments: first, imagesPerClass: FIRST_IMAGES, seed });
    }
    await whenSeen;
    return lab.simulate({ segments, imagesPerClass: imagesPerClass.value, seed });
  });
}

/**
 * Reads the user's files, or those of another page. They stay on this machine. Roles change where the files' segments ask for it.
 */
export function openFiles(files: { path: string; file: File }[], { handedOver = false } = {}): Promise<void> {
  return load(async () => {
    const summary = await lab.openFiles(files);
    return handedOver ? { ...summary, source: 'handed over' } : summary;
  }, FILES);
}

/** What segments were used for before the user's files had others. */
let simulatedRoles: Roles | undefined;

/** Leaves the user's files for simulated images, and the roles that came with the files. */
export function backToSimulated(): Promise<void> {
  if (simulatedRoles) roles.value = simulatedRoles;
  simulatedRoles = undefined;
  return simulate();
}

function take(summary: DataSummary): void {
  const fitting = summary.source === 'simulated' ? roles.value : fitRoles(roles.value, summary.segments);
  if (fitting !== roles.value) simulatedRoles ??= roles.value;
  batch(() => {
    data.value = summary;
    roles.value = fitting;
  });
}

function load(work: () => Promise<DataSummary>, about?: string): Promise<void> {
  const run = async () => {
    loading.value = true;
    const summary = await attempt(work, about);
    if (latest !== current) return; // something newer is under way
    loading.value = false;
    if (summary) take(summary);
  };
  const current = Promise.resolve().then(run);
  latest = current;
  return current;
}

/** The segments that the page begins with, for those that were chosen. */
export function usualRoles(): void {
  roles.value = DEFAULT_ROLES;
  simulate();
}

/** Gives a segment another use; simulated images are made as they are needed. */
export function setRole(segment: number, role: Role): void {
  roles.value = roles.value.map((old, i) => (i === segment ? role : old));
  const needed = data.value?.source === 'simulated' && role !== 'unused' && !data.value.segments.includes(segment);
  if (needed) simulate();
}
