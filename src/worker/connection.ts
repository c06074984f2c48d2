/** The page's end of the line to a model in a worker: calls that wait for their results, and functions that the worker calls. */
import { ArgumentError, StateError } from '../errors.ts';
import { decode } from './decode.ts';
import { Encoder } from './encode.ts';
import { type ErrorData, errorData, errorOf } from './errorData.ts';
import { Outgoing } from './outgoing.ts';
import type { State, Structure, ToPage, ToWorker, TrainingData } from './protocol.ts';

/** A function of the page that the worker calls. */
export interface PageFunction {
  /** @param training as a hook of `fit` sees it */
  readonly call: (args: readonly unknown[], training?: TrainingData) => unknown;
  /** Whether the worker waits for it. */
  readonly waits: boolean;
  /** Whether it is a hook of `fit`, which gets the training. */
  readonly hook: boolean;
  /** Whether the arrays that it returns are handed over. */
  readonly gives?: boolean;
  /** The call that it belongs to; undefined: it lives as long as the model. */
  readonly owner: number | undefined;
}

interface Pending {
  readonly what: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** The frames of the caller. */
  readonly stack: string;
  /** What a function that the worker does not wait for has thrown. */
  fault?: { readonly error: unknown };
  readonly whenSettled: (() => void)[];
}

/** In milliseconds. A worker that has not taken leave by then is ended all the same. */
const LEAVE_MS = 2000;

export class Connection {
  readonly #port: MessagePort;
  readonly #endWorker: () => void;
  readonly #pending = new Map<number, Pending>();
  readonly #functions = new Map<number, PageFunction>();
  /** What functions of the page have thrown, by number, so that it comes back as it is. */
  readonly #thrown = new Map<number, { readonly value: unknown }>();
  #last = 0;
  #disposed = false;
  #gone = false;
  /** Hears what the worker says of its model with other messages. */
  onNews: (state: State | undefined, structure: Structure | undefined) => void = () => {};

  constructor(port: MessagePort, endWorker: () => void) {
    this.#port = port;
    this.#endWorker = endWorker;
    port.onmessage = ({ data }: MessageEvent<ToPage>) => this.#hear(data);
    // Not every browser has this event, which says that a worker has ended.
    port.addEventListener('close', () =>
      this.fail((what) => new StateError(`${what}: the worker of this model has ended.`)),
    );
  }

  /** A number that no other call, function or signal has. */
  number(): number {
    return ++this.#last;
  }

  register(fn: PageFunction): number {
    const number = this.number();
    this.#functions.set(number, fn);
    return number;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Whether a call of this name has not ended. */
  running(what: string): boolean {
    return [...this.#pending.values()].some((call) => call.what === what);
  }

  whenSettled(call: number, then: () => void): void {
    this.#pending.get(call)?.whenSettled.push(then);
  }

  /**
   * Makes a call. What is sent is read before this returns.
   * @param what name of the call, for messages
   * @param gives whether arrays are handed over
   * @param message makes the message; what it encodes goes along
   */
  call(what: string, gives: boolean, message: (out: Outgoing, id: number) => ToWorker): Promise<unknown> {
    const id = this.number();
    const stack = new Error().stack?.replace(/^.*\n(?=\s+at )|^Error\n/, '') ?? '';
    const result = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { what, resolve, reject, stack, whenSettled: [] });
    });
    try {
      if (this.#disposed) throw new StateError(`${what}: the model was disposed.`);
      if (this.#gone) throw new StateError(`${what}: the worker of this model has ended.`);
      const out = new Outgoing(what, gives, this, id);
      const data = message(out, id);
      this.#send(what, gives, data, out);
    } catch (error) {
      this.#settle(id, ({ reject }) => reject(error));
    }
    return result;
  }

  post(message: ToWorker, transfers: readonly Transferable[] = []): void {
    if (!this.#gone) this.#port.postMessage(message, [...transfers]);
  }

  errorData(error: unknown): ErrorData {
    return errorData(error, (value) => {
      const known = [...this.#thrown].find(([, { value: other }]) => other === value);
      if (known) return known[0];
      const number = this.number();
      this.#thrown.set(number, { value });
      return number;
    });
  }

  /** Fails every call that has not ended, and those to come. */
  fail(why: (what: string) => Error): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#port.close();
    for (const id of [...this.#pending.keys()]) this.#settle(id, ({ what, reject }) => reject(why(what)));
    this.#functions.clear();
    this.#endWorker();
  }

  /** Ends the model, and its worker if it is its own. Calls that have not ended fail at once. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.post({ type: 'dispose' }); // frees the GPU's memory, where the worker lives on
    for (const id of [...this.#pending.keys()])
      this.#settle(id, ({ what, reject }) => reject(new StateError(`${what}: the model was disposed.`)));
    this.#functions.clear();
    setTimeout(() => this.#leave(), LEAVE_MS);
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#port.close();
    this.#endWorker();
  }

  #send(what: string, gives: boolean, message: ToWorker, out: Outgoing): void {
    try {
      this.post(message, [...out.transfers]);
    } catch (cause) {
      const advice = gives
        ? ' Memory that cannot be handed over, such as that of WebAssembly, is copied without transfer.'
        : '';
      throw new ArgumentError(`${what}: cannot be sent to the worker: ${(cause as Error).message}.${advice}`, {
        cause,
      });
    }
  }

  #settle(id: number, then: (call: Pending) => void): void {
    const call = this.#pending.get(id);
    if (!call) return;
    this.#pending.delete(id);
    for (const [number, { owner }] of this.#functions) if (owner === id) this.#functions.delete(number);
    for (const done of call.whenSettled) done();
    then(call);
    if (this.#pending.size === 0) this.#thrown.clear(); // none of it can come back any more
  }

  #hear(message: ToPage): void {
    if (this.#disposed) {
      if (message.type === 'disposed') this.#leave();
      return;
    }
    this.onNews(message.state, message.structure);
    if (message.type === 'ask') this.#answer(message);
    if (message.type === 'done') {
      this.#settle(message.id, ({ resolve, reject, fault }) => {
        if (fault) reject(fault.error);
        else resolve(decode(message.value, () => undefined));
      });
    }
    if (message.type === 'failed') {
      this.#settle(message.id, ({ reject, stack, fault }) => {
        const error = errorOf(message.error, (number) => this.#thrown.get(number));
        const isOwn = message.error.thrown !== undefined;
        if (!isOwn && error instanceof Error) error.stack = `${error.stack}\n${stack}`;
        reject(fault && !isOwn ? fault.error : error);
      });
    }
  }

  async #answer({ fn, id, args, training }: Extract<ToPage, { type: 'ask' }>): Promise<void> {
    const entry = this.#functions.get(fn);
    if (!entry) return; // its call has ended
    try {
      const given = decode(args, () => undefined) as readonly unknown[];
      if (id === undefined) {
        await entry.call(given, training);
        return;
      }
      const out = new Encoder('the result of a function', entry.gives ?? false);
      const value = out.encode(await entry.call(given, training), 'its result');
      this.post({ type: 'answer', id, value }, [...out.transfers]);
    } catch (error) {
      if (id !== undefined) return this.post({ type: 'refused', id, error: this.errorData(error) });
      const call = entry.owner === undefined ? undefined : this.#pending.get(entry.owner);
      if (!call) throw error; // nobody waits any more: an unhandled rejection
      call.fault ??= { error };
      this.post({ type: 'fault', call: entry.owner!, error: this.errorData(error) });
    }
  }
}
