/** The self-test of the visitor's device, in a worker that lives as long as one test. */
import { signal } from '@preact/signals';
import * as Comlink from 'comlink';
import { notify } from '../frame/notify.ts';
import type { DeviceTest, SelfTestProgress, Tester } from './protocol/index.ts';

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
  const own = new Worker(new URL('./worker/selfTest.ts', import.meta.url), { type: 'module', name: 'self-test' });
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
