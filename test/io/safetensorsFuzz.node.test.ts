/** Random files, whole and damaged. All runs are seeded. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';

/** The file to damage. */
const WHOLE = writeSafetensors(
  [
    { name: 'w', shape: [1, 2], data: Float32Array.of(1, -2.5) },
    { name: 'i', shape: [], data: Int32Array.of(-2) },
    { name: '0', shape: [0], data: new Uint32Array(0) },
  ],
  { b: 'é' },
);
const WHOLE_HEADER = new TextDecoder().decode(WHOLE.slice(8, 8 + WHOLE[0]!));

/** A file of this header, with its true length, and of zeros for data. */
function file(header: string, dataLength: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('safetensors', () => {
  const shapes = fc.array(fc.nat(3), { maxLength: 3 });
  const size = (shape: number[]) => shape.reduce((product, n) => product * n, 1);
  const numbers = (length: number) => fc.array(fc.nat(2 ** 32 - 1), { minLength: length, maxLength: length });
  const arrays = [
    ...[Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Int8Array, Uint8Array],
    ...[BigInt64Array, BigUint64Array],
  ];
  const tensor = fc
    .record({ name: fc.string({ unit: 'binary', maxLength: 8 }), shape: shapes, array: fc.constantFrom(...arrays) })
    .chain(({ name, shape, array }) =>
      numbers(2 * size(shape)).map((bits) => {
        const bytes = Uint32Array.from(bits).buffer.slice(0, size(shape) * array.BYTES_PER_ELEMENT);
        return { name, shape, data: new array(bytes) };
      }),
    );
  const contents = fc.record({
    tensors: fc.uniqueArray(tensor, { maxLength: 5, selector: ({ name }) => name }),
    metadata: fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
  });

  test('what is written is read, bit for bit', () => {
    fc.assert(
      fc.property(contents, ({ tensors, metadata }) => {
        const bytes = writeSafetensors(tensors, metadata);
        const read = readSafetensors(bytes);
        expect([...read.tensors.values()]).toEqual(tensors);
        expect({ ...read.metadata }).toEqual({ ...metadata });
        expect(writeSafetensors([...read.tensors.values()], read.metadata)).toEqual(bytes);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  /** Reads, and holds the result, if any, against the promises of a valid file. */
  function readOrRefuse(bytes: Uint8Array): boolean {
    let read: ReturnType<typeof readSafetensors>;
    try {
      read = readSafetensors(bytes);
      for (const tensor of read.tensors.values()) void tensor.data; // some are refused only here
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return false;
    }
    for (const { shape, data } of read.tensors.values()) expect(data.length).toBe(size([...shape]));
    const again = readSafetensors(writeSafetensors([...read.tensors.values()], read.metadata));
    expect([...again.tensors]).toEqual([...read.tensors]);
    return true;
  }

  const place = fc.nat(400);
  const mutation = fc.oneof(
    fc.record({ at: place, flip: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ keep: place }),
    fc.record({ at: place, remove: fc.nat(20), insert: fc.uint8Array({ maxLength: 20 }) }),
    fc.record({ at: place, remove: fc.nat(2), copyFrom: place, length: fc.nat(60) }),
  );

  type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

  function mutate(bytes: Uint8Array, how: Mutation): Uint8Array {
    if ('flip' in how) return bytes.map((byte, i) => (i === how.at % bytes.length ? byte ^ how.flip : byte));
    if ('keep' in how) return bytes.slice(0, how.keep % (bytes.length + 1));
    const at = how.at % (bytes.length + 1);
    const insert = 'insert' in how ? how.insert : bytes.slice(how.copyFrom, how.copyFrom + how.length);
    return Uint8Array.from([...bytes.slice(0, at), ...insert, ...bytes.slice(at + how.remove)]);
  }

  test('a damaged file is read or refused, never anything else', () => {
    let valid = 0;
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        if (readOrRefuse(mutations.reduce(mutate, WHOLE))) valid++;
      }),
      { seed: 2, numRuns: 2000 },
    );
    expect(valid, 'some mutations leave the file valid').toBeGreaterThan(20);
  });

  test('so is a file whose header has another token, and the right length', () => {
    const marks = '{ } [ ] , : " \\ 0 1 -1 4 8 12 1e9 9007199254740993 null é'.split(' ');
    const words = [
      'dtype',
      'F16',
      'I64',
      'U8',
      'BOOL',
      'F8_E4M3',
      'shape',
      '__proto__',
      '__metadata__',
      'w',
      '\\u0000',
    ].map((word) => `"${word}"`);
    const insert = fc.constantFrom('', ' ', ...marks, ...words);
    const header = WHOLE_HEADER.match(/"[^"]*"|\d+|./g)!;
    const change = fc.record({ at: fc.nat(header.length), remove: fc.nat(2), insert });
    const dataLength = fc.oneof(fc.constant(12), fc.nat(16));
    let valid = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), dataLength, (changes, length) => {
        const changed = [...header];
        for (const { at, remove, insert } of changes) changed.splice(at, remove, insert);
        if (readOrRefuse(file(changed.join(''), length))) valid++;
      }),
      { seed: 3, numRuns: 2000 },
    );
    expect(valid, 'some mutations leave the file valid').toBeGreaterThan(5);
  });
});
