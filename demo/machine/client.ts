/** The page's end of the worker that plans and measures. */
import * as Comlink from 'comlink';
import { notify } from '../frame/notify.ts';
import type { Machine } from '../gpu/machine.ts';
import type { Hello } from '../lab/protocol/index.ts';
import { machine } from '../lesson/machine.ts';
import type { Planner } from './protocol/index.ts';

const worker = new Worker(new URL('./worker/planner.ts', import.meta.url), { type: 'module', name: 'planner' });

/** Calls of the worker; see `Planner`. */
export const planner: Comlink.Remote<Planner> = Comlink.wrap<Planner>(worker);

export { machine };

/** Starts the worker. */
export function connect(): Promise<Hello> {
  worker.addEventListener('error', ({ message }) =>
    notify(
      'problem',
      `The page's worker failed: ${message || 'it could not be loaded'}. Reload the page to try again.`,
    ),
  );
  return planner.connect(
    Comlink.proxy((found: Machine) => {
      machine.value = found;
    }),
  );
}
