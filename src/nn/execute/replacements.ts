/**
 * Models that share a device share the device that replaces it when it is lost, whichever of them asks first, so that they can go on
 * working in one graph. A device that the engine requests for them lives as long as one of them does.
 */
import type { Device } from '../../runtime/device.ts';
import type { Recovery } from '../recovery/options.ts';
import { newDevice } from './devices.ts';

/** How a lost device was replaced. */
interface Replacement {
  readonly device: Device;
  /** The user's function that made it; undefined: the engine requested it. */
  readonly request: Recovery['device'];
}

/** By the lost device. */
const replacements = new WeakMap<Device, Replacement>();
/** The requests under way, by the lost device. They never reject. */
const requests = new WeakMap<Device, Promise<void>>();
/** Number of models that own a device. */
const owners = new WeakMap<Device, number>();

/** Notes that one more model owns a device which the engine requested. */
export function own(device: Device): void {
  owners.set(device, (owners.get(device) ?? 0) + 1);
}

/** Ends what `own` began. The last owner takes the device along. */
export function disown(device: Device): void {
  const left = owners.get(device)! - 1;
  owners.set(device, left);
  if (left === 0) device.destroy();
}

/**
 * A device in place of a lost one: the one to which other models have moved from it, or a new one. If the engine requested it, it
 * gets one more owner.
 * @param request function of the user that makes a device; then one that came another way is not taken
 * @param signals an abort of any of them ends the wait and is thrown as its reason
 * @throws DeviceError if no device can be had
 */
export async function replacementOf(
  lost: Device,
  request: Recovery['device'],
  signals: readonly AbortSignal[],
): Promise<{ readonly device: Device; readonly owned: boolean }> {
  const ownedOrNot = (made: Replacement) => {
    const owned = !made.request;
    if (owned) own(made.device);
    return { device: made.device, owned };
  };
  for (;;) {
    let last = lost;
    let made: Replacement | undefined;
    for (let next = replacements.get(lost); next && (!request || next.request === request); ) {
      made = next;
      last = next.device;
      next = replacements.get(last);
    }
    if (made && last.lost === undefined) return ownedOrNot(made);
    const other = requests.get(last);
    if (!other) {
      const requested = newDevice(lost, request, signals).then((device) => {
        const replacement = { device, request };
        replacements.set(last, replacement);
        return ownedOrNot(replacement); // at once: another model that takes it and ends would destroy it
      });
      const ended = requested.then(
        () => {},
        () => {},
      );
      requests.set(last, ended);
      ended.then(() => requests.delete(last));
      return requested;
    }
    await unlessAborted(other, AbortSignal.any([...signals]));
  }
}

/** Waits for `work`. @throws the reason of an abort */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let end = () => {};
  const aborted = new Promise<void>((resolve) => {
    end = resolve;
  });
  signal.addEventListener('abort', end);
  try {
    await Promise.race([work, aborted]);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', end);
  }
}
