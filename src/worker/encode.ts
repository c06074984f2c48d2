/** Makes data that `postMessage` takes out of arguments and results. */
import { DataError } from '../errors.ts';
import { NDArray } from '../ndarray/ndarray.ts';
import { kindOf } from '../shown.ts';
import { MARK, type Marked } from './protocol.ts';

/** Values that were made data already. */
export class Coded {
  readonly data: Marked;

  constructor(data: Marked) {
    this.data = data;
  }
}

/** What the browser copies by itself. */
const COPIED =
  /^(Blob|File|FileList|Date|RegExp|Map|Set|Boolean|Number|String|\w*Error|DOMException|SharedArrayBuffer)$/;

const isObject = (value: unknown) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/**
 * The data of one message. Arrays are copied here, and the copies handed over; with `gives` the arrays themselves are. What several
 * places hold is copied once.
 */
export class Encoder {
  /** What the message hands over. */
  readonly transfers = new Set<Transferable>();
  readonly #what: string;
  protected readonly gives: boolean;
  readonly #seen = new Map<object, unknown>();

  /** @param what name of the call, for messages. @param gives whether to hand over the arrays themselves */
  constructor(what: string, gives: boolean) {
    this.#what = what;
    this.gives = gives;
  }

  /** @param path where the value is, for messages: `x`, `watch.onNonFinite` */
  encode(value: unknown, path: string): unknown {
    if (typeof value === 'function') return { [MARK]: 'unheard', path: `${this.#what}: ${path}` } satisfies Marked;
    if (typeof value === 'symbol') return { [MARK]: 'other', kind: 'Symbol' } satisfies Marked;
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Coded) return value.data;
    if (this.#seen.has(value)) return this.#seen.get(value);
    const remember = <T>(data: T): T => {
      this.#seen.set(value, data);
      return data;
    };
    if (ArrayBuffer.isView(value)) return remember(this.#view(value, path));
    if (value instanceof NDArray) {
      const { data, shape, dtype } = value;
      return remember({ [MARK]: 'array', data: this.encode(data, path), shape: [...shape], dtype } satisfies Marked);
    }
    const kind = kindOf(value);
    if (kind === 'Array') {
      const list = value as readonly unknown[];
      if (!list.some(isObject)) return remember(list);
      const copy: unknown[] = remember([]);
      list.forEach((part, i) => {
        copy[i] = this.encode(part, `${path}[${i}]`);
      });
      return copy;
    }
    if (kind === 'ArrayBuffer') return remember(this.#buffer(value as ArrayBuffer, path));
    if (kind === 'Object') {
      const copy: Record<string, unknown> = remember({});
      for (const [name, part] of Object.entries(value)) copy[name] = this.encode(part, path ? `${path}.${name}` : name);
      return copy;
    }
    if (COPIED.test(kind)) return value;
    return remember(this.other(value, kind, path));
  }

  /** What is no data by itself. */
  protected other(_: object, kind: string, __: string): unknown {
    return { [MARK]: 'other', kind } satisfies Marked;
  }

  #view(view: ArrayBufferView, path: string): unknown {
    const { buffer, byteOffset, byteLength } = view;
    if (kindOf(buffer) === 'SharedArrayBuffer') return view;
    const Same = (globalThis as unknown as Record<string, new (part: ArrayBufferLike | number) => unknown>)[
      kindOf(view)
    ]!;
    // Memory that is gone cannot be sent. The engine knows it by its size of 0.
    if (buffer.byteLength === 0) return kindOf(view) === 'DataView' ? new DataView(new ArrayBuffer(0)) : new Same(0);
    if (this.gives) {
      this.transfers.add(buffer as ArrayBuffer);
      return view;
    }
    const copy = this.#copied(
      () => (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength),
      byteLength,
      path,
    );
    return new Same(copy);
  }

  #buffer(buffer: ArrayBuffer, path: string): ArrayBuffer {
    if (buffer.byteLength === 0) return new ArrayBuffer(0);
    if (!this.gives) return this.#copied(() => buffer.slice(0), buffer.byteLength, path);
    this.transfers.add(buffer);
    return buffer;
  }

  #copied(copy: () => ArrayBuffer, bytes: number, path: string): ArrayBuffer {
    try {
      const buffer = copy();
      this.transfers.add(buffer);
      return buffer;
    } catch (cause) {
      const message = `${this.#what}: ${path}: there is no memory for a copy of its ${bytes} bytes; { transfer: true } needs none.`;
      throw new DataError(message, { cause });
    }
  }
}
