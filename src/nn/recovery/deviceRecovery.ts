/**
 * Makes calls on a model survive the loss of its GPU device: it moves the model to another device and repeats the call. `fit`
 * recovers by itself (see `FitRun`), since it must also go back to its last snapshot.
 */
import { DeviceError } from '../../errors.ts';
import type { Compiled } from '../execute/compiled.ts';

/** Losses of a device from which one call recovers. */
const MOST_LOSSES = 3;

/** Runs calls on a model on a device that is alive. */
export class DeviceRecovery {
  readonly #compiled: () => Compiled | undefined;
  #reviving: Promise<void> | undefined;
  /** Whether `fit` is running; then `fit` replaces a lost device. */
  fitting = false;

  /** @param compiled gives the model's compiled state; undefined before compile */
  constructor(compiled: () => Compiled | undefined) {
    this.#compiled = compiled;
  }

  /**
   * Does work on the device. If the device is lost, it is replaced and the work is repeated, unless `fit` is running.
   * @param what name of the call, for error messages
   * @param work the work; it begins at once if the device is alive
   * @param check called after a failure; may throw a more precise error, such as that the model was disposed
   */
  async whileAlive<T>(what: string, work: () => Promise<T>, check: () => void): Promise<T> {
    for (let losses = 0; ; losses++) {
      try {
        if (this.#compiled()?.device.lost) await this.revive(what);
        return await work();
      } catch (error) {
        check();
        const { device } = this.#compiled() ?? {};
        const again = device?.lost && !device.destroyed && !this.fitting && error instanceof DeviceError;
        if (!again || what === 'fit' || losses === MOST_LOSSES) throw error; // `fit` has tried to recover by itself
      }
    }
  }

  /**
   * Moves the model to another device if its own is lost.
   * @throws DeviceError if that is impossible, or if steps after the last snapshot were lost
   */
  async revive(what: string): Promise<void> {
    const compiled = this.#compiled();
    if (compiled?.recovering) await compiled.recovering;
    if (!compiled?.device.lost) return;
    const { device, snapshots, progress } = compiled;
    if (this.fitting || device.destroyed) device.checkAlive();
    this.#reviving ??= (async () => {
      const { age } = snapshots;
      await compiled.recover();
      if (age === 0) return;
      throw new DeviceError(
        `${what}: the GPU device was lost (${device.lost}), and ${age} steps that no snapshot holds. The model is on another ` +
          `device, as it was after step ${progress.iterations}; go on from there.`,
      );
    })().finally(() => {
      this.#reviving = undefined;
    });
    return this.#reviving;
  }
}
