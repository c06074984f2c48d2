/** In a worker: functions of the page, which are called by messages, and what comes back from them. */
import { ArgumentError } from '../errors.ts';
import type { Training } from '../nn/train/callbacks.ts';
import { decode } from './decode.ts';
import { Encoder } from './encode.ts';
import { type ErrorData, errorData, errorOf } from './errorData.ts';
import { MARK, type Marked, type ToPage, type ToWorker, type TrainingData } from './protocol.ts';

/** A call of the page on the model that has not ended. */
export interface RunningCall {
  /** What a function that the worker does not wait for has thrown in the page. */
  fault?: { readonly error: unknown };
  /** The training of a `fit`, as the engine gives it to hooks. */
  training?: Training;
  /** Controls of the training that the page has used. */
  controls: number;
  /** Signals that were sent along, by their numbers. */
  readonly signals: Map<number, AbortController>;
  /** Pictures that were sent along. */
  readonly pictures: (ImageBitmap | VideoFrame)[];
}

type Ask = Extract<ToPage, { type: 'ask' }>;
type Function = (...args: readonly unknown[]) => unknown;
type MarkedAs<Kind extends Marked[typeof MARK]> = Extract<Marked, { readonly [MARK]: Kind }>;

export class PageFunctions {
  readonly #send: (message: Ask, transfers: readonly Transferable[]) => void;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  /** The numbers of what the page has thrown. */
  readonly #thrown = new WeakMap<object, number>();
  #last = 0;

  constructor(send: (message: Ask, transfers: readonly Transferable[]) => void) {
    this.#send = send;
  }

  /** A function that calls the one of the page. */
  function({ fn, waits, hook }: MarkedAs<'function'>, call: RunningCall): Function {
    if (hook) {
      return (...args) => {
        const training = args.at(-1) as Training;
        call.training = training;
        return this.#call(call, fn, waits, args.slice(0, -1), trainingData(training, call.controls));
      };
    }
    return (...args) => this.#call(call, fn, waits, args);
  }

  /** A function that cannot be called from here. */
  unheard({ path }: MarkedAs<'unheard'>): Function {
    return () => {
      throw new ArgumentError(`${path} is a function, which stays in the page: the worker cannot call it.`);
    };
  }

  /** A dataset whose batches the page reads. */
  dataset({ size, xShape, fn }: MarkedAs<'dataset'>, call: RunningCall) {
    const read = async (indices: Uint32Array, x: Float32Array, y?: Float32Array | Int32Array): Promise<void> => {
      const wanted = y && { integers: y instanceof Int32Array, length: y.length };
      const got = (await this.#call(call, fn, true, [indices, x.length, wanted])) as {
        x: Float32Array;
        y: Float32Array;
      };
      x.set(got.x);
      y?.set(got.y);
    };
    return { size, xShape, read };
  }

  hear(message: Extract<ToWorker, { type: 'answer' | 'refused' }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'refused') waiting?.reject(this.errorOf(message.error));
    else waiting?.resolve(decode(message.value, () => undefined));
  }

  /** What the page has thrown. It gets the same value back. */
  errorOf(data: ErrorData): unknown {
    const error = errorOf(data, () => undefined) as object;
    if (data.thrown !== undefined) this.#thrown.set(error, data.thrown);
    return error;
  }

  errorData(error: unknown): ErrorData {
    return errorData(error, (value) =>
      typeof value === 'object' && value !== null ? this.#thrown.get(value) : undefined,
    );
  }

  #call(call: RunningCall, fn: number, waits: boolean, args: readonly unknown[], training?: TrainingData): unknown {
    const out = new Encoder('an argument', false);
    const data = args.map((arg, i) => out.encode(withoutDevice(arg), `${i}`));
    const message = { type: 'ask', fn, args: data, training } as const;
    if (!waits) {
      if (call.fault) throw call.fault.error;
      this.#send(message, [...out.transfers]);
      return undefined;
    }
    const id = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#send({ ...message, id }, [...out.transfers]);
    return answer;
  }
}

/** A device stays where it is. */
function withoutDevice(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('device' in arg)) return arg;
  const { device: _, ...rest } = arg;
  return rest;
}

function trainingData(training: Training, controls: number): TrainingData {
  const { epochs, stepsPerEpoch, batchSize, examples, initialEpoch, startAtStep, stopped, paused } = training;
  return { epochs, stepsPerEpoch, batchSize, examples, initialEpoch, startAtStep, stopped, paused, controls };
}
