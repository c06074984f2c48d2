/**
 * Decides which calls on a model may run at the same time: one call that changes weights, and one evaluation, prediction or
 * inspection after another. Each call runs on a device that is alive and fails if the model is disposed.
 */
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

  /** @param compiled gives the model's compiled state; undefined before compile */
  constructor(compiled: () => Compiled | undefined) {
    this.#compiled = compiled;
    this.deviceRecovery = new DeviceRecovery(compiled);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Makes all later calls fail. @returns false if it was called before */
  dispose(): boolean {
    const first = !this.#disposed;
    this.#disposed = true;
    return first;
  }

  /** @param what name of the call, for the message @throws StateError if the model was disposed */
  checkNotDisposed(what: string): void {
    if (this.#disposed) throw new StateError(`${what}: the model was disposed.`);
  }

  /** Runs a call that changes weights. @throws StateError while another one runs */
  exclusive<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.alone(what, () => this.whileInUse(what, work));
  }

  /** The call that changes weights at the moment. */
  get running(): string | undefined {
    return this.#changing;
  }

  /** Runs work that changes weights, and does not replace a lost device. @throws StateError while another call does */
  async alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.checkNotDisposed(what);
    if (this.#changing)
      throw new StateError(`${what}: ${this.#changing} is still running on this model; await it first.`);
    this.#changing = what;
    try {
      return await work();
    } finally {
      this.#changing = undefined;
    }
  }

  /** Runs a call. If it fails since the model was disposed in the meantime, the error is a StateError that says so. */
  async whileInUse<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.deviceRecovery.whileAlive(what, work, () => this.checkNotDisposed(what));
  }

  /** Runs an evaluation, a prediction or an inspection. They share runners, so they run one after another. */
  inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.whileInUse(what, work));
    this.#queue = turn.catch(() => {}); // a failure must not make the next call fail
    const compiled = this.#compiled();
    if (compiled) compiled.turns = this.#queue;
    return turn;
  }

  /** Runs `fit`, which replaces a lost device by itself. */
  async fitting<T>(work: () => Promise<T>): Promise<T> {
    await this.deviceRecovery.revive('fit');
    this.deviceRecovery.fitting = true;
    try {
      return await work();
    } finally {
      this.deviceRecovery.fitting = false;
    }
  }

  /** Settles when all evaluations, predictions and inspections so far have ended. */
  get inTurnDone(): Promise<unknown> {
    return this.#queue;
  }
}
