/**
 * The GPU device of a lesson page. It and the engine's code are loaded when the first number is asked for, so that the page
 * draws its first picture before.
 */
import type { Device } from 'neurite';
import type { DeviceSource } from '../gpu/device.ts';
import { machine } from './machine.ts';

export { machine };

let source: Promise<DeviceSource> | undefined;

/** A device that is alive, the same one for the whole page; undefined where there is none. */
export async function device(): Promise<Device | undefined> {
  if (!navigator.gpu) return undefined;
  source ??= import('../gpu/device.ts').then(
    ({ DeviceSource }) =>
      new DeviceSource((found) => {
        machine.value = found;
      }),
  );
  return (await source).get().catch(() => undefined); // `machine` says why
}
