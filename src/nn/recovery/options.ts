/** Options for the recovery from a lost GPU device, and their checks. */
import { checkMethods, checkOptions, type Kind } from '../../options.ts';
import type { Device } from '../../runtime/device.ts';
import type { SnapshotStore } from '../../runtime/snapshotStore.ts';

/** The event of `onRecovery`: training continues from a snapshot on another device. */
export interface RecoveryEvent {
  /** Why the device was lost. */
  readonly reason: string;
  /** The epoch in which training continues, counted from 0. */
  readonly epoch: number;
  /** Steps of that epoch that are done. */
  readonly step: number;
  /** Steps that are repeated, with the same results. Callbacks are not called a second time for them. */
  readonly stepsLost: number;
  /** The new device. If `fit` requested it, it is destroyed with the model. */
  readonly device: Device;
}

export interface RecoveryOptions {
  /** Seconds between snapshots: at most this much work is repeated after a loss. Default 10. */
  readonly everySeconds?: number;
  /** Steps between snapshots; a snapshot is taken when either limit is reached. Default: time alone decides. */
  readonly everySteps?: number;
  /** A store that keeps snapshots after the page or process ends, for `resume`. Default: they are kept in memory alone. */
  readonly store?: SnapshotStore;
  /**
   * Makes another device. It is called again if it fails or does not answer within 20 s. Default: requests a device as the lost
   * one was requested, from the same provider.
   */
  readonly device?: () => Promise<Device | GPUDevice>;
  /** Called and awaited once the model is on another device, before training continues. */
  readonly onRecovery?: (event: RecoveryEvent) => void | Promise<void>;
}

/** The type of each option, for `checkOptions`. */
export const RECOVERY_OPTIONS = {
  everySeconds: 'limit',
  everySteps: 'count',
  store: 'any',
  device: 'function',
  onRecovery: 'function',
} as const satisfies Record<keyof RecoveryOptions, Kind>;

/** The options that also apply when `fit` is not running. */
export type Recovery = Pick<RecoveryOptions, 'device'>;

/** Checks the options and adds defaults. @throws ArgumentError for options that do not exist or have wrong values */
export function recoveryOptions(what: string, given: RecoveryOptions) {
  checkOptions(`${what}: recovery`, given, RECOVERY_OPTIONS);
  const { everySeconds = 10, store } = given;
  if (store !== undefined) checkStore(`${what}: recovery.store`, store);
  return { ...given, everySeconds };
}

/** @throws ArgumentError if `store` lacks a method of a store */
export function checkStore(what: string, store: unknown): void {
  checkMethods(what, store, ['load', 'save', 'remove'], ', as privateFileStore(name) and snapshotFile(path) have');
}
