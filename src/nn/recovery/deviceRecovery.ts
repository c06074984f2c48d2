/**
 * Makes calls on a model survive the loss of its GPU device: it moves the model to another device and repeats the call. `fit`
 * recovers by itself (see `FitRun`), since it must also go back to its last snapshot.
 */
import { DeviceError, StepsLostError } from '../../errors.ts';
import type { Compiled } from '../execute/compiled.ts';

/** Losses of a device from which one call recovers. */
export const MOST_LOSSES = 3;

/** What a model has lost with its device. */
export interface Loss {
  /** Why the device was lost. */
  readonly reason: string;
  /** Steps that no snapshot holds. */
  readonly steps: number;
  /** Steps that the model on the other device has done. */
  readonly iterations: number;
}

/** The error for losses of models that are on another device now, if they have lost steps. */
export function stepsLost(what: string, losses: readonly Loss[]): StepsLostError | undefined {
  const most = Math.max(0, ...losses.map(({ steps }) => steps));
  if (most === 0) return undefined;
  const [models, them] = losses.length > 1 ? ['models are', 'they were'] : ['model is', 'it was'];
  const kept = [...new Set(losses.map(({ iterations }) => iterations))].join(' and ');
  return new StepsLostError(
    `${what}: the GPU device was lost (${losses[0]!.reason}), and ${most} steps that no snapshot holds. The ${models} on another ` +
      `device, as ${them} after step ${kept}; go on from there.`,
    most,
  );
}

/** Runs calls on a model on a device that is alive. */
export class DeviceRecovery {
  readonly #compiled: () => Compiled | undefined;
  #moving: Promise<Loss> | undefined;
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
   * @throws DeviceError if that is impossible; StepsLostError if steps after the last snapshot were lost
   */
  async revive(what: string): Promise<void> {
    const loss = await this.move();
    const error = loss && stepsLost(what, [loss]);
    if (error) throw error;
  }

  /**
   * Moves the model to another device if its own is lost.
   * @returns what was lost; undefined if the device was not
   * @throws DeviceError if that is impossible
   */
  async move(): Promise<Loss | undefined> {
    const compiled = this.#compiled();
    if (compiled?.recovering) await compiled.recovering;
    if (!compiled?.device.lost) return undefined;
    const { device, snapshots, progress } = compiled;
    if (this.fitting || device.destroyed) device.checkAlive();
    this.#moving ??= (async () => {
      const [reason, steps] = [device.lost!, snapshots.age];
      await compiled.recover();
      return { reason, steps, iterations: progress.iterations };
    })().finally(() => {
      this.#moving = undefined;
    });
    return this.#moving;
  }
}
