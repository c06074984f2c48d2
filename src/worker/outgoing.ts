/** What a page sends with a call: besides data, its functions, signals, datasets and elements with pictures. */
import { type Dataset, isDataset, isStream } from '../data/dataset.ts';
import { type Drawable, drawnPixels, isPixels, type Picture, pictureSize } from '../data/pictures.ts';
import { DataError } from '../errors.ts';
import { isRecord } from '../options.ts';
import type { Connection, PageFunction } from './connection.ts';
import { Coded, Encoder } from './encode.ts';
import { MARK, type Marked } from './protocol.ts';

/** What has a picture and stays in its page, since it cannot be copied. */
const ELEMENT = /^(OffscreenCanvas|HTML(Canvas|Image|Video)Element)$/;

export class Outgoing extends Encoder {
  readonly #connection: Connection;
  readonly #call: number;

  constructor(what: string, gives: boolean, connection: Connection, call: number) {
    super(what, gives);
    this.#connection = connection;
    this.#call = call;
  }

  /**
   * A function that the worker calls. What is none is left to the engine's checks.
   * @param waits whether the worker waits until it has ended
   * @param asLong how long the worker may call it: until the call ends, or as long as the model lives
   */
  fn(given: unknown, waits: boolean, asLong: 'call' | 'model' = 'call'): unknown {
    if (typeof given !== 'function') return given;
    const call = (args: readonly unknown[]) => given(...args);
    return this.register({ call, waits, hook: false }, asLong);
  }

  /** The methods of an object, which the worker calls and waits for. */
  methods(given: unknown, names: readonly string[], asLong: 'call' | 'model' = 'call'): unknown {
    if (!isRecord(given)) return given;
    const object = given as Record<string, unknown>;
    const bound = names.map((name) => {
      const method = object[name];
      return [name, this.fn(typeof method === 'function' ? method.bind(given) : method, true, asLong)];
    });
    return Object.fromEntries(bound);
  }

  register(fn: Omit<PageFunction, 'owner'>, asLong: 'call' | 'model'): Coded {
    const number = this.#connection.register({ ...fn, owner: asLong === 'call' ? this.#call : undefined });
    return new Coded({ [MARK]: 'function', fn: number, waits: fn.waits, hook: fn.hook });
  }

  override encode(value: unknown, path: string): unknown {
    if (isStream(value)) {
      throw new DataError(
        `${path}: a dataset that streams stays in its page, and its batches go: for await (const { x, y } of data.batch(32)) ` +
          'await model.trainOnBatch(x, y). Or make it in a worker of your own.',
      );
    }
    return isDataset(value) ? this.#dataset(value) : super.encode(value, path);
  }

  protected override other(value: object, kind: string, path: string): unknown {
    if (kind === 'AbortSignal') return this.#signal(value as AbortSignal);
    if (ELEMENT.test(kind)) return this.#pixels(value as Drawable, path);
    if (kind === 'ImageData' && isPixels(value)) {
      const { data, width, height } = value;
      return { data: this.encode(data, path), width, height };
    }
    if (/^(ImageData|ImageBitmap|VideoFrame)$/.test(kind)) {
      pictureSize(path, value as Picture); // what was closed cannot be sent
      if (this.gives && kind !== 'ImageData') this.transfers.add(value as Transferable);
      return value;
    }
    return super.other(value, kind, path);
  }

  /** The same bytes as those that the engine reads in a page. */
  #pixels(element: Drawable, path: string): unknown {
    const [height, width] = pictureSize(path, element);
    const data = drawnPixels(path, element, { x: 0, y: 0, width, height }, [height, width]);
    this.transfers.add(data.buffer);
    return { data, width, height };
  }

  #signal(signal: AbortSignal): Marked {
    const number = this.#connection.number();
    if (signal.aborted) return { [MARK]: 'signal', signal: number, aborted: this.#connection.errorData(signal.reason) };
    const abort = () =>
      this.#connection.post({ type: 'abort', signal: number, reason: this.#connection.errorData(signal.reason) });
    signal.addEventListener('abort', abort);
    this.#connection.whenSettled(this.#call, () => signal.removeEventListener('abort', abort));
    return { [MARK]: 'signal', signal: number };
  }

  /** A dataset is read in the page, batch by batch. */
  #dataset(dataset: Dataset): Marked {
    const read = async ([indices, xLength, y]: readonly unknown[]) => {
      const x = new Float32Array(xLength as number);
      const { integers, length } = (y ?? {}) as { integers?: boolean; length?: number };
      const targets = length === undefined ? undefined : integers ? new Int32Array(length) : new Float32Array(length);
      await dataset.read(indices as Uint32Array, x, targets);
      return { x, y: targets };
    };
    const { data } = this.register({ call: read, waits: true, hook: false, gives: true }, 'call');
    const { fn } = data as Extract<Marked, { fn: number }>;
    const { size, xShape } = dataset;
    return { [MARK]: 'dataset', size, xShape: Array.isArray(xShape) ? [...xShape] : xShape, fn };
  }
}
