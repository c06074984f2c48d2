/** What is done about a GPU device that is lost. */
import { ArgumentError, DeviceError } from '../errors.ts';
import { Device } from '../runtime/device.ts';
import type { SnapshotStore } from '../runtime/snapshotStore.ts';
import { checkNotNegative, checkPositive, withDefaults } from './options.ts';

/** Training has gone on from a snapshot. */
export interface RecoveryEvent {
  /** Why the device was lost. */
  readonly reason: string;
  /** Where training goes on: the epoch, counted from 0, and the steps of it that are done. */
  readonly epoch: number;
  readonly step: number;
  /** Steps that are done again, with the same results; callbacks are not told of them a second time. */
  readonly stepsLost: number;
  /** The new device. One that `fit` asked for by itself is destroyed with the model. */
  readonly device: Device;
}

export interface RecoveryOptions {
  /** Seconds from one snapshot to the next: so much work is done again at most. Default 10. */
  readonly everySeconds?: number;
  /** Steps from one snapshot to the next, where that is sooner. Default: time alone decides. */
  readonly everySteps?: number;
  /** Where snapshots outlast the page or process, for `resume`. Default: they are kept in memory alone. */
  readonly store?: SnapshotStore;
  /** Gives another device. Default: one like that which was lost, from the same provider. */
  readonly device?: () => Promise<Device | GPUDevice>;
  /** Called when the model is on another device, before training goes on. */
  readonly onRecovery?: (event: RecoveryEvent) => void | Promise<void>;
}

/** The part of the options that is of use when nothing trains. */
export type Recovery = Pick<RecoveryOptions, 'device'>;

/** @throws ArgumentError for options that do not exist or make no sense */
export function recoveryOptions(given: RecoveryOptions) {
  const absent: Partial<RecoveryOptions> = {
    everySteps: undefined!,
    store: undefined!,
    device: undefined!,
    onRecovery: undefined!,
  };
  const options = withDefaults('fit: recovery', { everySeconds: 10, ...absent }, given);
  const { everySeconds, everySteps, store } = options;
  checkNotNegative('fit: recovery', 'everySeconds', everySeconds);
  if (everySteps !== undefined) checkPositive('fit: recovery', 'everySteps', everySteps);
  if (
    store !== undefined &&
    !(['load', 'save', 'remove'] as const).every((name) => typeof store?.[name] === 'function')
  ) {
    throw new ArgumentError('fit: recovery.store must have the methods load, save and remove.');
  }
  return options;
}

/** After a GPU process died, the browser needs a moment to start another one. */
const PAUSES_MS = [0, 100, 300, 600, 1200, 2400];

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
      try {
        const device = await Promise.race([requested, end]);
        const own = device instanceof Device ? device : new Device(device);
        await Promise.race([own.gpu.lost, Promise.resolve()]); // one that is lost already has said so by then
        await undefined;
        if (own.lost === undefined) return own;
        failure = own.lost;
      } catch (error) {
        // One that comes too late is nobody's.
        if (aborted.aborted && !request) requested.then((late) => late.destroy()).catch(() => {});
        aborted.throwIfAborted();
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
