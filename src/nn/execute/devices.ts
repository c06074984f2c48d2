/**
 * Requests devices for models: the first one at compile, and another one when a device is lost. Also checks that a device
 * supports a precision.
 */
import { ArgumentError, DeviceError } from '../../errors.ts';
import type { Precision } from '../../plan/precision.ts';
import { Device, requestDevice } from '../../runtime/device.ts';
import { withTimeout } from '../../runtime/withTimeout.ts';
import type { Recovery } from '../recovery/options.ts';

/** The given device, or a new one if none was given. @throws ArgumentError if `given` is not a device */
export async function deviceFor(what: string, given: Device | GPUDevice | undefined): Promise<Device> {
  Device.check(what, given);
  return given === undefined ? requestDevice() : Device.of(given);
}

/** @throws DeviceError if the device lacks a feature that the precision needs; the message says what to change */
export function checkPrecision(precision: Precision, device: Device): void {
  if (precision === 'float32' || device.gpu.features.has('shader-f16')) return;
  throw new DeviceError(
    `compile: precision 'mixed' needs the feature shader-f16, which this device lacks (${device.description}). Leave precision ` +
      "out, or set it to 'float32'. A GPUDevice of your own must be requested with that feature; where the adapter lacks it, " +
      'there is no way.',
  );
}

/** Pauses before each attempt to get a device: after a GPU process dies, the browser takes some time to start another one. */
const PAUSES_MS = [0, 100, 300, 600, 1200, 2400];
/** Time limit of one attempt. */
const ANSWER_SECONDS = 20;

/**
 * Requests a device to replace a lost one.
 * @param request function of the user that makes a device; if absent, the provider of the lost device makes one
 * @param signals an abort of any of them ends the wait and is thrown as its reason
 * @throws DeviceError if every attempt fails
 */
export async function newDevice(
  lost: Device,
  request: Recovery['device'],
  signals: readonly AbortSignal[],
): Promise<Device> {
  if (!request && !lost.source) {
    throw new DeviceError(
      `the GPU device was lost (${lost.lost}), and where another can be had is not known: it was given as a GPUDevice. ` +
        'Give fit a function that makes one, recovery: { device: async () => … }, or compile with a device of requestDevice().',
    );
  }
  const aborted = AbortSignal.any([...signals]);
  let ended: () => void = () => {};
  const end = new Promise<never>((_, reject) => {
    ended = () => reject(aborted.reason);
  });
  end.catch(() => {}); // the races below handle the rejection
  aborted.addEventListener('abort', ended);
  try {
    let failure: unknown;
    for (const pause of PAUSES_MS) {
      aborted.throwIfAborted();
      if (pause > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, pause)), end]);
      const requested = (async () => (request ? request() : lost.requestReplacement()))();
      let arrived = false;
      try {
        const device = await withTimeout(Promise.race([requested, end]), ANSWER_SECONDS);
        arrived = true;
        Device.check('recovery', device ?? null);
        const own = Device.of(device);
        await Promise.race([own.gpu.lost, Promise.resolve()]); // lets `own.lost` be set if the device is lost already
        await undefined;
        if (own.lost === undefined) return own;
        failure = own.lost;
      } catch (error) {
        // A device that arrives after the time limit has no owner.
        if (!arrived && !request) requested.then((late) => late.destroy()).catch(() => {});
        aborted.throwIfAborted();
        if (error instanceof ArgumentError) throw error; // `request` does not return a device, so another call will not help
        failure = error;
      }
    }
    throw new DeviceError(
      `the GPU device was lost (${lost.lost}), and no other could be had: ${(failure as Error)?.message ?? failure}`,
      { cause: failure },
    );
  } finally {
    aborted.removeEventListener('abort', ended);
  }
}
