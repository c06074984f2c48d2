/** Which calls on a model may run at the same time, and what all of them need: a device that is alive, a model that is not disposed. */
import { StateError } from '../../errors.ts';
import { DeviceRecovery } from '../recovery/deviceRecovery.ts';
import type { Compiled } from './compiled.ts';

export class ModelCalls {
  readonly deviceRecovery: DeviceRecovery;
  readonly #compiled: () => Compiled | undefined;
  /** Name of the call that changes weights; there is at most one. */
  #changing: string | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** @param compiled what the model has from compile on */
  constructor(compiled: () => Compiled | undefined) {
    this.#compiled = compiled;
    this.deviceRecovery = new DeviceRecovery(compiled);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** From now on calls fail. @returns false where they did before */
  dispose(): boolean {
    const first = !this.#disposed;
    this.#disposed = true;
    return first;
  }

  /** @throws StateError, which names the call, once the model was disposed */
  checkNotDisposed(what: string): void {
    if (this.#disposed) throw new StateError(`${what}: the model was disposed.`);
  }

  /** Runs a call that changes weights. @throws StateError while another one runs */
  async exclusive<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#changing)
      throw new StateError(`${what}: ${this.#changing} is still running on this model; await it first.`);
    this.#changing = what;
    try {
      return await this.whileInUse(what, work);
    } finally {
      this.#changing = undefined;
    }
  }

  /** Runs a call. Where it fails because the model was disposed meanwhile, the error is a StateError that says so. */
  async whileInUse<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.deviceRecovery.whileAlive(what, work, () => this.checkNotDisposed(what));
  }

  /** Runs an evaluation, a prediction or an inspection. They share runners, so they run one after another. */
  inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.whileInUse(what, work));
    this.#queue = turn.catch(() => {}); // the next one does not fail because this one did
    const compiled = this.#compiled();
    if (compiled) compiled.turns = this.#queue;
    return turn;
  }

  /** Runs `fit`, which replaces a device that is lost by itself. */
  async fitting<T>(work: () => Promise<T>): Promise<T> {
    await this.deviceRecovery.revive('fit');
    this.deviceRecovery.fitting = true;
    try {
      return await work();
    } finally {
      this.deviceRecovery.fitting = false;
    }
  }

  /** Done once all calls so far that run one after another are. */
  get inTurnDone(): Promise<unknown> {
    return this.#queue;
  }
}
