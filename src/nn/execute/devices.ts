/** Devices for models: the first one, and another where one was lost. */
import { ArgumentError, DeviceError } from '../../errors.ts';
import type { Precision } from '../../plan/precision.ts';
import { answered } from '../../runtime/answered.ts';
import { Device, requestDevice } from '../../runtime/device.ts';
import type { Recovery } from '../recovery/options.ts';

/** The device that a function was given, or a new one. @throws ArgumentError for what is none */
export async function deviceFor(what: string, given: Device | GPUDevice | undefined): Promise<Device> {
  Device.check(what, given);
  return given === undefined ? requestDevice() : Device.of(given);
}

/** @throws DeviceError, saying what to do, where the device cannot store what the precision asks for */
export function checkPrecision(precision: Precision, device: Device): void {
  if (precision === 'float32' || device.gpu.features.has('shader-f16')) return;
  throw new DeviceError(
    `compile: precision 'mixed' needs the feature shader-f16, which this device lacks (${device.description}). Leave precision ` +
      "out, or set it to 'float32'. A GPUDevice of your own must be requested with that feature; where the adapter lacks it, " +
      'there is no way.',
  );
}

/** After a GPU process died, the browser needs a moment to start another one. */
const PAUSES_MS = [0, 100, 300, 600, 1200, 2400];
/** For an answer, before it is asked again. */
const ANSWER_SECONDS = 20;

/**
 * A device in the place of one that was lost.
 * @param signals each ends the waiting, with its reason
 * @throws DeviceError where none can be had
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
  end.catch(() => {}); // heard by whoever waits
  aborted.addEventListener('abort', ended);
  try {
    let failure: unknown;
    for (const pause of PAUSES_MS) {
      aborted.throwIfAborted();
      if (pause > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, pause)), end]);
      const requested = (async () => (request ? request() : lost.again()))();
      let heard = false;
      try {
        const device = await answered(Promise.race([requested, end]), ANSWER_SECONDS);
        heard = true;
        Device.check('recovery', device ?? null);
        const own = Device.of(device);
        await Promise.race([own.gpu.lost, Promise.resolve()]); // one that is lost already has said so by then
        await undefined;
        if (own.lost === undefined) return own;
        failure = own.lost;
      } catch (error) {
        // One that comes too late is nobody's.
        if (!heard && !request) requested.then((late) => late.destroy()).catch(() => {});
        aborted.throwIfAborted();
        if (error instanceof ArgumentError) throw error; // the next answer would be none either
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
