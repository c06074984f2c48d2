import { DeviceError } from '../../errors.ts';
import type { Compiled } from '../execute/compiled.ts';

/** Devices that one call may lose. */
const MOST_LOSSES = 3;

/** Sees to it that calls on a model find its device alive. */
export class DeviceRecovery {
  readonly #compiled: () => Compiled | undefined;
  #reviving: Promise<void> | undefined;
  /** While `fit` runs, it replaces a device that is lost. */
  fitting = false;

  /** @param compiled what the model has from compile on */
  constructor(compiled: () => Compiled | undefined) {
    this.#compiled = compiled;
  }

  /**
   * Does work on the device; one that is lost is replaced, and the work is done again, unless `fit` does so.
   * @param work begins at once where the device is alive
   * @param check throws what is to be told in the place of an error
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
        if (!again || what === 'fit' || losses === MOST_LOSSES) throw error; // fit has done what could be done
      }
    }
  }

  /**
   * Puts the model onto another device where its own is lost.
   * @throws DeviceError where that is not possible, and where steps were lost with the device
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
