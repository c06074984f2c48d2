/** The page's end of the worker: the calls, and the events that the worker sends by itself. */
import { signal } from '@preact/signals';
import * as Comlink from 'comlink';
import { notify } from '../frame/notify.ts';
import { machine } from '../lesson/machine.ts';
import type { Progress } from '../ui/layout.tsx';
import type { Hello, Lab, LabEvent, Listener } from './protocol/index.ts';

type Task = Extract<LabEvent, { type: 'progress' }>['task'];

const worker = new Worker(new URL('./worker/lab.ts', import.meta.url), { type: 'module', name: 'neurite' });

/** Calls of the worker; see `Lab`. */
export const lab: Comlink.Remote<Lab> = Comlink.wrap<Lab>(worker);

export { machine };
/** Work under way that takes a while. */
export const progress = signal<Partial<Record<Task, Progress>>>({});
export const hello = signal<Hello | undefined>(undefined);

const listeners = new Set<Listener>();

/** Calls `listener` at each of the worker's events. */
export function onEvent(listener: Listener): void {
  listeners.add(listener);
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
  const notifyOne = async (listener: Listener) => listener(event);
  // Thrown from here, a failure would go to the worker, which could do nothing about it.
  await Promise.all([...listeners].map((listener) => notifyOne(listener).catch(reportError)));
}
