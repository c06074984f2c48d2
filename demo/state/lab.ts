/** The page's end of the worker: the calls, and what the worker tells by itself. */
import { signal } from '@preact/signals';
import * as Comlink from 'comlink';
import type { Hello, Lab, LabEvent, Listener, Machine } from '../protocol.ts';

export interface Progress {
  what: string;
  done: number;
  total: number;
}

export interface Notice {
  id: number;
  kind: 'problem' | 'note';
  text: string;
  /** It tells of a run, and means nothing once another one begins. */
  ofRun: boolean;
}

/** More would cover the page; the oldest make room. */
const MOST_NOTICES = 3;
/** A note says what has happened; a problem stays, for it asks for something. */
const NOTE_MS = 30_000;
let lastNotice = 0;

type Task = Extract<LabEvent, { type: 'progress' }>['task'];

const worker = new Worker(new URL('../worker/lab.ts', import.meta.url), { type: 'module', name: 'neurite' });

/** Calls of the worker; see `Lab`. */
export const lab: Comlink.Remote<Lab> = Comlink.wrap<Lab>(worker);

export const machine = signal<Machine>({ state: 'asking' });
/** Work under way that takes a while. */
export const progress = signal<Partial<Record<Task, Progress>>>({});
/** Messages to the user, oldest first. */
export const notices = signal<readonly Notice[]>([]);
export const hello = signal<Hello | undefined>(undefined);

const listeners = new Set<Listener>();

/** Calls `listener` at each of the worker's events. */
export function onEvent(listener: Listener): void {
  listeners.add(listener);
}

/** Shows a message until the user closes it. The same message stands there once. */
export function notify(kind: Notice['kind'], text: string, { ofRun = false } = {}): void {
  const others = notices.value.filter((notice) => notice.text !== text);
  const id = ++lastNotice;
  notices.value = [...others, { id, kind, text, ofRun }].slice(-MOST_NOTICES);
  if (kind === 'note') setTimeout(dismiss, NOTE_MS, id);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Takes away what was told of a run. */
export function dismissOfRun(): void {
  notices.value = notices.value.filter(({ ofRun }) => !ofRun);
}

/** Awaits work that the user asked for; a failure becomes a notice, an abort is no failure. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'AbortError') notify('problem', message);
    return undefined;
  }
}

/** Starts the worker. */
export async function connect(): Promise<Hello> {
  worker.addEventListener('error', ({ message }) =>
    notify(
      'problem',
      `The page's worker failed: ${message || 'it could not be loaded'}. Reload the page to try again.`,
    ),
  );
  hello.value = await lab.connect(Comlink.proxy(receive));
  return hello.value;
}

async function receive(event: LabEvent): Promise<void> {
  if (event.type === 'machine') machine.value = event.machine;
  if (event.type === 'progress') {
    const { task, what, done, total } = event;
    progress.value = { ...progress.value, [task]: done < total ? { what, done, total } : undefined };
  }
  const tell = async (listener: Listener) => listener(event);
  // Thrown from here, a failure would go to the worker, which could do nothing about it.
  await Promise.all([...listeners].map((listener) => tell(listener).catch(reportError)));
}
