/** What is done about a GPU device that is lost. */
import { checkMethods, checkOptions, type Kind } from '../../options.ts';
import type { Device } from '../../runtime/device.ts';
import type { SnapshotStore } from '../../runtime/snapshotStore.ts';

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
  /**
   * Gives another device; asked again where it fails, or gives no answer within 20 s. Default: one like that which was lost, from the same
   * provider.
   */
  readonly device?: () => Promise<Device | GPUDevice>;
  /** Called when the model is on another device, before training goes on. */
  readonly onRecovery?: (event: RecoveryEvent) => void | Promise<void>;
}

/** What they may be. */
export const RECOVERY_OPTIONS = {
  everySeconds: 'limit',
  everySteps: 'count',
  store: 'any',
  device: 'function',
  onRecovery: 'function',
} as const satisfies Record<keyof RecoveryOptions, Kind>;

/** The part of the options that is of use when nothing trains. */
export type Recovery = Pick<RecoveryOptions, 'device'>;

/** @throws ArgumentError for options that do not exist or make no sense */
export function recoveryOptions(what: string, given: RecoveryOptions) {
  checkOptions(`${what}: recovery`, given, RECOVERY_OPTIONS);
  const { everySeconds = 10, store } = given;
  if (store !== undefined) checkStore(`${what}: recovery.store`, store);
  return { ...given, everySeconds };
}

/** @throws ArgumentError for what is none */
export function checkStore(what: string, store: unknown): void {
  checkMethods(what, store, ['load', 'save', 'remove'], ', as privateFileStore(name) and snapshotFile(path) have');
}
