/** Every kind of memory that JavaScript has for numbers. */

/** A typed array's class. */
interface ArrayType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T;
}

interface Numbers {
  set(values: ArrayLike<number>): void;
}

/** Memory with these numbers in it. */
export interface Memory {
  readonly name: string;
  of<T extends Numbers>(Type: ArrayType<T>, values: ArrayLike<number>): T;
}

const OFFSET = 24;

/** A shared buffer; a page that is not isolated has it of WebAssembly alone. */
const page = new WebAssembly.Memory({ shared: true, initial: 1, maximum: 1 });
export const SHARED = page.buffer.constructor as new (
  bytes: number,
  options?: { maxByteLength: number },
) => SharedArrayBuffer;

const Resizable = ArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(bytes: number): void };

type Buffers = (bytes: number) => ArrayBufferLike;

const ordinary: Buffers = (bytes) => new ArrayBuffer(bytes);
const shared: Buffers = (bytes) => new SHARED(bytes);
const growable: Buffers = (bytes) => new SHARED(bytes, { maxByteLength: 2 * bytes });
const resizable: Buffers = (bytes) => new Resizable(bytes, { maxByteLength: 2 * bytes });
const pages = (isShared: boolean) => (bytes: number) => {
  const size = Math.ceil(bytes / 65536);
  return new WebAssembly.Memory({ shared: isShared, initial: size, maximum: size }).buffer;
};

const fixed = (name: string, buffers: Buffers, offset = 0): Memory => ({
  name,
  of(Type, values) {
    const array = new Type(buffers(values.length * Type.BYTES_PER_ELEMENT + 2 * offset), offset, values.length);
    array.set(values);
    return array;
  },
});

const following = (name: string, buffers: Buffers): Memory => ({
  name,
  of(Type, values) {
    const array = new Type(buffers(values.length * Type.BYTES_PER_ELEMENT));
    array.set(values);
    return array;
  },
});

/** All that is as good as any other. */
export const MEMORIES: readonly Memory[] = [
  fixed('a part of a buffer', ordinary, OFFSET),
  fixed('shared', shared),
  fixed('a part of a shared buffer', shared, OFFSET),
  fixed('a growable shared buffer', growable),
  following('a growable shared buffer, with its length', growable),
  fixed('a resizable buffer', resizable),
  fixed('a part of a resizable buffer', resizable, OFFSET),
  following('a resizable buffer, with its length', resizable),
  fixed("WebAssembly's", pages(false)),
  fixed("WebAssembly's, shared", pages(true)),
  {
    name: 'of another realm',
    of(Type, values) {
      const { name } = Type as unknown as { name: keyof Global & 'Float32Array' };
      const array = new OTHER_REALM[name](values.length) as InstanceType<typeof Type>;
      array.set(values);
      return array;
    },
  },
];

/** What was given is given away. */
export function detach({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

/** A Float32Array whose resizable buffer can be shrunk. */
export function shrinkable(values: ArrayLike<number>, offset = 0) {
  const buffer = new Resizable(4 * values.length + offset, { maxByteLength: 4 * values.length + offset });
  const fixed = new Float32Array(buffer, offset, values.length);
  const tracking = new Float32Array(buffer, offset);
  fixed.set(values);
  return { fixed, tracking, shrink: () => buffer.resize(offset + 4) };
}

type Global = Record<'Float32Array' | 'Int32Array' | 'Uint8Array', { new (length: number): never }> & {
  readonly eval: (code: string) => unknown;
};

/** The global object of another realm: a page within the page; in Node a context. */
function otherRealm(): Global {
  if (typeof document === 'undefined') {
    const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
    const vm = process.getBuiltinModule('node:vm') as { runInNewContext(code: string): Global };
    return vm.runInNewContext('globalThis');
  }
  const frame = document.body.appendChild(document.createElement('iframe'));
  return frame.contentWindow as unknown as Global;
}
export const OTHER_REALM = otherRealm();
