/** Files built by hand are the truth here: what the writer must make, and what the reader must take and refuse. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError, ShapeError } from '../../src/errors.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';

const text = (characters: string) => [...new TextEncoder().encode(characters)];

/** A file of any header, with the length that is true unless another is given. */
function file(header: string | number[], data: number[] = [], length?: bigint): Uint8Array {
  const json = typeof header === 'string' ? text(header) : header;
  const bytes = Uint8Array.from([...new Array<number>(8).fill(0), ...json, ...data]);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  return bytes;
}

const zeros = (length: number) => new Array<number>(length).fill(0);
const entry = (dtype: string, shape: string, offsets: string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

/** The tensors of a file as an array, for comparisons that see the order. */
const tensorsOf = (bytes: Uint8Array) => [...readSafetensors(bytes).tensors.values()];

/** The header takes 192 bytes with 2 spaces of padding: 0xc0. */
const GOLDEN = Uint8Array.from([
  ...[0xc0, 0, 0, 0, 0, 0, 0, 0],
  ...text('{"__metadata__":{"b":"é"},'),
  ...text('"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},'),
  ...text('"i":{"dtype":"I32","shape":[],"data_offsets":[8,12]},'),
  ...text('"0":{"dtype":"U32","shape":[0],"data_offsets":[12,12]}}'),
  ...[0x20, 0x20],
  ...[0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x20, 0xc0], // 1, -2.5
  ...[0xfe, 0xff, 0xff, 0xff], // -2
]);
const GOLDEN_TENSORS: NamedTensor[] = [
  { name: 'w', shape: [1, 2], data: Float32Array.of(1, -2.5) },
  { name: 'i', shape: [], data: Int32Array.of(-2) },
  { name: '0', shape: [0], data: new Uint32Array(0) },
];
const GOLDEN_METADATA = { b: 'é' };

describe('writeSafetensors', () => {
  test('makes the golden file, byte for byte', () => {
    expect(writeSafetensors(GOLDEN_TENSORS, GOLDEN_METADATA)).toEqual(GOLDEN);
  });

  test('makes the smallest file', () => {
    expect(writeSafetensors([])).toEqual(Uint8Array.from([8, 0, 0, 0, 0, 0, 0, 0, ...text('{}      ')]));
  });

  test('takes a view into a larger buffer', () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    expect(tensorsOf(writeSafetensors([{ name: 'w', shape: [2], data }]))[0]!.data).toEqual(Float32Array.of(1, 2));
  });

  const one = (name: string, shape: number[] = [1], length = 1) => ({ name, shape, data: new Float32Array(length) });
  test.each([
    ['a name twice', [one('w'), one('w')], ArgumentError, /"w": the name occurs twice/],
    ['the reserved name', [one('__metadata__')], ArgumentError, /reserved/],
    ['half a surrogate pair', [one('\ud800')], ArgumentError, /surrogate/],
    ['a shape of another size', [one('w', [2])], ShapeError, /"w" of shape \[2\] has 1 elements/],
    ['a negative size', [one('w', [-1, -1])], ShapeError, /integers from 0/],
    ['a fractional size', [one('w', [0.5, 2])], ShapeError, /integers from 0/],
    ['a size that no number holds', [one('w', [2 ** 40, 2 ** 40, 0], 0)], ShapeError, /product/],
    ['another array', [{ ...one('w'), data: Float64Array.of(1) as never }], ArgumentError, /must be a Float32Array/],
  ])('refuses %s', (_, tensors, type, message) => {
    expect(() => writeSafetensors(tensors)).toThrow(type);
    expect(() => writeSafetensors(tensors)).toThrow(message);
  });

  test.each([
    [
      'an object',
      { a: one('a') },
      'writeSafetensors: tensors must be a list of { name, shape, data }, got {"a":{"name":"a"',
    ],
    [
      'a Map',
      new Map(),
      'writeSafetensors: tensors must be a list of { name, shape, data }, got a Map. Write [...map.values()].',
    ],
    ['null', null, 'writeSafetensors: tensors must be a list of { name, shape, data }, got null.'],
    ['a list of null', [null], 'writeSafetensors: tensor 0 must be { name, shape, data }, got null.'],
    ['a number among them', [one('a'), 5], 'writeSafetensors: tensor 1 must be { name, shape, data }, got 5.'],
    [
      'no name',
      [{ shape: [1], data: new Float32Array(1) }],
      'writeSafetensors: tensor 0 must be { name, shape, data }, got ',
    ],
    [
      'no shape',
      [{ name: 'a', data: new Float32Array(1) }],
      'writeSafetensors: tensor 0 must be { name, shape, data }, got ',
    ],
    ['no data', [{ name: 'a', shape: [1] }], 'safetensors: tensor "a": the data must be a Float32Array'],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => writeSafetensors(tensors as never)).toThrow(ArgumentError);
    expect(() => writeSafetensors(tensors as never)).toThrow(message);
  });

  test('refuses metadata that is not text', () => {
    expect(() => writeSafetensors([], { epoch: 3 as never })).toThrow(/metadata "epoch"/);
    for (const none of [null, 'text', 5, [], new Map([['a', 'b']])] as never[]) {
      expect(() => writeSafetensors([], none)).toThrow(/^writeSafetensors: metadata must be an object of texts, got /);
    }
    expect(() => writeSafetensors([], { epoch: '\udc00' })).toThrow(ArgumentError);
  });

  test('refuses a header that no reader takes', () => {
    expect(() => writeSafetensors([], { long: 'x'.repeat(16_000_000) })).toThrow(/16000032 bytes, the limit is/);
  });
});

describe('readSafetensors', () => {
  test('reads the golden file', () => {
    const { tensors, metadata } = readSafetensors(GOLDEN);
    expect([...tensors]).toEqual(GOLDEN_TENSORS.map((tensor) => [tensor.name, tensor]));
    expect(metadata).toEqual(GOLDEN_METADATA);
  });

  test('reads an ArrayBuffer, and a view that is not aligned, and copies', () => {
    const shifted = Uint8Array.from([0, 0, 0, ...GOLDEN]);
    const fromView = readSafetensors(shifted.subarray(3));
    expect(fromView).toEqual(readSafetensors(GOLDEN.slice().buffer));
    shifted.fill(255);
    expect([...fromView.tensors.values()]).toEqual(GOLDEN_TENSORS);
  });

  test('takes white space, escapes, no padding, and data in another order than the header', () => {
    const header = `{ "\\u00e9\\n" :${entry('I32', ' [ 1 , 1 ] ', '[4,8]')},\n\t"b":${entry('I32', '[]', '[0,4]')} }\r`;
    expect(tensorsOf(file(header, [1, 0, 0, 0, 2, 0, 0, 0]))).toEqual([
      { name: 'é\n', shape: [1, 1], data: Int32Array.of(2) },
      { name: 'b', shape: [], data: Int32Array.of(1) },
    ]);
  });

  test('reads zero-size tensors anywhere between others', () => {
    const header = `{"a":${entry('F32', '[2,0]', '[4,4]')},"b":${entry('U32', '[1]', '[0,4]')},"c":${entry('F16', '[0]', '[0,0]')}}`;
    expect(tensorsOf(file(header, [7, 0, 0, 0])).map(({ shape, data }) => [shape, ...data])).toEqual([
      [[2, 0]],
      [[1], 7],
      [[0]],
    ]);
  });

  test('keeps the bits of a NaN', () => {
    const nan = [0x01, 0x00, 0xa0, 0xff];
    const { data } = tensorsOf(file(`{"w":${entry('F32', '[1]', '[0,4]')}}`, nan))[0]!;
    expect([...new Uint8Array(data.buffer)]).toEqual(nan);
    expect(writeSafetensors([{ name: 'w', shape: [1], data }]).slice(-4)).toEqual(Uint8Array.from(nan));
  });

  test('converts F64: rounds to nearest, overflows to infinity', () => {
    const values = [0.1, -1e300, 1 + 2 ** -24, Number.NaN];
    const data = [...new Uint8Array(Float64Array.from(values).buffer)];
    const [tensor] = tensorsOf(file(`{"w":${entry('F64', '[4]', '[0,32]')}}`, data));
    expect(tensor!.data).toEqual(Float32Array.of(0.1, Number.NEGATIVE_INFINITY, 1, Number.NaN));
  });

  test('converts each of the 65536 F16 and BF16 values exactly', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const data = [...new Uint8Array(halves.buffer)];
    const read = (dtype: string) => tensorsOf(file(`{"w":${entry(dtype, '[65536]', '[0,131072]')}}`, data))[0]!.data;
    const fromBits = new DataView(new ArrayBuffer(4));
    const float = (bits: number) => {
      fromBits.setUint32(0, bits);
      return fromBits.getFloat32(0);
    };
    // Shifting a half into the place of a float leaves its exponent 112 too low, subnormal or not.
    const half = (bits: number) => {
      const magnitude = bits & 0x7fff;
      const value = magnitude < 0x7c00 ? float(magnitude << 13) * 2 ** 112 : float(0x7f800000 | (magnitude << 13));
      return bits & 0x8000 ? -value : value;
    };
    expect(read('F16')).toEqual(Float32Array.from(halves, half));
    expect(read('BF16')).toEqual(Float32Array.from(halves, (bits) => float(bits * 65536)));
  });

  test('integers of any width keep every bit', () => {
    const arrays = {
      I64: BigInt64Array.of(938n, -(2n ** 63n), 2n ** 53n + 1n),
      U64: BigUint64Array.of(2n ** 64n - 1n, 0n),
      I32: Int32Array.of(-(2 ** 31), 7),
      U32: Uint32Array.of(2 ** 32 - 1),
      I16: Int16Array.of(-32768, 258, 5),
      U16: Uint16Array.of(65535, 258),
      I8: Int8Array.of(-128, 127, 3),
      U8: Uint8Array.of(255, 0, 3, 4, 5),
    };
    let end = 0;
    const entries = Object.entries(arrays).map(([dtype, { length, byteLength }]) => {
      end += byteLength;
      return `"${dtype}":${entry(dtype, `[${length}]`, `[${end - byteLength},${end}]`)}`;
    });
    const data = Object.values(arrays).flatMap((array) => [...new Uint8Array(array.buffer)]);
    const read = tensorsOf(file(`{${entries}}`, data));
    const wanted = Object.entries(arrays).map(([name, array]) => ({ name, shape: [array.length], data: array }));
    expect(read).toEqual(wanted);
    // What is read can be written, and is the same then.
    expect(tensorsOf(writeSafetensors(read))).toEqual(wanted);
    const again = readSafetensors(Uint8Array.from([1, ...file(`{${entries}}`, data)]).subarray(1)); // at an odd address
    expect([...again.tensors.values()]).toEqual(wanted);
  });

  test('truth values are ones and zeros', () => {
    const [tensor] = tensorsOf(file(`{"mask":${entry('BOOL', '[2,2]', '[0,4]')}}`, [0, 1, 2, 255]));
    expect(tensor).toEqual({ name: 'mask', shape: [2, 2], data: Uint8Array.of(0, 1, 1, 1) });
  });

  test('what no array holds is refused by name once it is asked for, and not before', () => {
    const dtypes = 'F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ F6_E2M3 F6_E3M2 F4 C64'.split(' ');
    const bytes = [4, 4, 4, 4, 4, 3, 3, 2, 32];
    let end = 4;
    const entries = dtypes.map((dtype, i) => {
      end += bytes[i]!;
      return `"w${i}":${entry(dtype, '[4]', `[${end - bytes[i]!},${end}]`)}`;
    });
    const { tensors } = readSafetensors(
      file(`{"w":${entry('F32', '[1]', '[0,4]')},${entries}}`, [0, 0, 0, 64, ...zeros(end - 4)]),
    );
    expect(tensors.get('w')!.data).toEqual(Float32Array.of(2));
    for (const [i, dtype] of dtypes.entries()) {
      const tensor = tensors.get(`w${i}`)!;
      expect([tensor.name, tensor.shape]).toEqual([`w${i}`, [4]]);
      expect(() => tensor.data).toThrow(FormatError);
      expect(() => tensor.data).toThrow(
        `safetensors: tensor "w${i}": unsupported dtype "${dtype}"; neurite reads F32, `,
      );
    }
  });

  test('names that objects inherit are names like any other', () => {
    const names = ['__proto__', 'constructor', 'toString', '', '1', '0'];
    const written = names.map((name, i) => ({ name, shape: [1], data: Uint32Array.of(i) }));
    const metadata = JSON.parse('{"__proto__":"p","constructor":"c"}');
    const read = readSafetensors(writeSafetensors(written, metadata));
    expect([...read.tensors.values()]).toEqual(written);
    expect(Object.getPrototypeOf(read.metadata)).toBeNull();
    expect(new Map(Object.entries(read.metadata))).toEqual(
      new Map(Object.entries({ ['__proto__']: 'p', constructor: 'c' })),
    );
    expect(({} as Record<string, unknown>).p).toBeUndefined();
  });
});

const BURN = fileURLToPath(new URL('../../../shared/models/burn_mnist.safetensors', import.meta.url));
if (!existsSync(BURN)) console.warn(`skipped, a PyTorch file of a model with batch-norm: there is no ${BURN}`);

test.skipIf(!existsSync(BURN))('reads a PyTorch file of a model with batch-norm', () => {
  const { tensors } = readSafetensors(readFileSync(BURN));
  const counts = [...tensors.values()].filter(({ name }) => name.endsWith('num_batches_tracked'));
  expect(counts.length).toBeGreaterThan(0);
  for (const { shape, data } of counts) {
    expect(shape).toEqual([]);
    expect(data).toBeInstanceOf(BigInt64Array);
    expect(data[0]).toBeGreaterThan(0);
  }
  for (const { name, shape, data } of tensors.values()) {
    expect(data.length, name).toBe(shape.reduce((product, n) => product * n, 1));
    if (data instanceof Float32Array) expect(data.every(Number.isFinite), name).toBe(true);
    if (name.endsWith('running_var')) expect((data as Float32Array).every((x) => x > 0)).toBe(true);
  }
});

describe('readSafetensors refuses', () => {
  const refuses = (bytes: Uint8Array, message: RegExp) => {
    expect(() => readSafetensors(bytes)).toThrow(FormatError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  };

  test.each([
    ['an empty file', new Uint8Array(0), /0 bytes are too few/],
    ['7 bytes', new Uint8Array(7), /7 bytes are too few/],
    ['a header beyond the file', file('{}', [], 3n), /said to have 3 bytes, the file has 2 more/],
    ['a header over the limit', file('{}', [], 16_000_001n), /16000001 bytes, the limit is 16000000/],
    ['a header of a length that begins as a web page does', file('{}', [], 16_000_060n), /16000060 bytes, the limit/],
    ['the largest length', file('{}', [], 2n ** 64n - 1n), /18446744073709551615 bytes, the limit/],
    [
      'a web page',
      new TextEncoder().encode('<!DOCTYPE html><html></html>'),
      /begins with "<", as a web page does \(a wrong address\?\)/,
    ],
    ['an empty header', file(''), /begins with "\{", got ""/],
    ['a byte order mark', file([0xef, 0xbb, 0xbf, ...text('{}')]), /begins with/],
    ['leading white space', file(' {}'), /begins with/],
    ['bytes that are not UTF-8', file([...text('{"'), 0xff, ...text('":{}}')]), /not UTF-8/],
    ['half a character', file([...text('{"'), 0xc3]), /not UTF-8/],
  ])('%s', (_, bytes, message) => refuses(bytes, message));

  test.each([
    ['an array', '[]', /begins with "\{"/],
    ['a header cut short', '{"w"', /character 4: "w": expected ":", got the end/],
    ['a string cut short', '{"w', /closing quote/],
    ['an escape cut short', '{"w\\', /closing quote/],
    ['a control character in a string', '{"a\nb":1}', /closing quote before any control character, got "\\nb/],
    ['an unknown escape', '{"\\x":1}', /escape/],
    ['half a surrogate pair', '{"\\ud800":1}', /surrogate/],
    ['a comma at the end', '{"__metadata__":{},}', /expected a key in quotes, got "}"/],
    ['a missing comma', '{"__metadata__":{}"w":1}', /"," or "}"/],
    ['text after the object', '{} {}', /expected nothing more, got "\{}"/],
    ['zero bytes as padding', '{}\0\0', /nothing more/],
    ['a name twice', `{"w":${entry('F32', '[0]', '[0,0]')},"\\u0077":${entry('F32', '[0]', '[0,0]')}}`, /"w": .*twice/],
    ['a field twice', '{"w":{"dtype":"F32","dtype":"F32"}}', /"w": "dtype": the key occurs twice/],
    ['a metadata key twice', '{"__metadata__":{"a":"","a":""}}', /"__metadata__": "a": the key occurs twice/],
    ['metadata twice', '{"__metadata__":{},"__metadata__":{}}', /occurs twice/],
    ['metadata that is null', '{"__metadata__":null}', /expected an object, got "null}"/],
    ['metadata that is a number', '{"__metadata__":{"a":1}}', /"a": expected a string, got "1}}"/],
    ['nested metadata', '{"__metadata__":{"a":{}}}', /expected a string/],
    ['a tensor that is a string', '{"w":"F32"}', /expected an object/],
    ['a tensor that is null', '{"w":null}', /expected an object/],
    ['a tensor without a field', '{"w":{"dtype":"F32","shape":[0]}}', /"w": .* must all be there/],
    ['an unknown field', '{"w":{"dtype":"F32","strides":[1]}}', /"w": "strides": unknown field/],
    ['an inherited field', '{"w":{"constructor":1}}', /unknown field/],
    ['a dtype that is a number', '{"w":{"dtype":32}}', /"dtype": expected a string/],
    ['a dtype of nobody', `{"w":${entry('F31', '[0]', '[0,0]')}}`, /unknown dtype "F31"/],
    ['a dtype that objects inherit', `{"w":${entry('toString', '[0]', '[0,0]')}}`, /unknown dtype "toString"/],
    ['a dtype in small letters', `{"w":${entry('f32', '[0]', '[0,0]')}}`, /unknown dtype "f32"/],
    ['I64 of another size', `{"w":${entry('I64', '[2]', '[0,8]')}}`, /"w": its shape and dtype need 16 bytes/],
    ['half bytes', `{"w":${entry('F4', '[3]', '[0,1]')}}`, /"w": its shape and dtype need 1.5 bytes/],
    ['an F8 of another size', `{"w":${entry('F8_E4M3', '[9]', '[0,8]')}}`, /need 9 bytes/],
    [
      'a product that only bytes make too large',
      `{"w":${entry('I64', '[4503599627370496]', '[0,8]')}}`,
      /2\^53 or more/,
    ],
    ['a shape that is a number', `{"w":${entry('F32', '0', '[0,0]')}}`, /"shape": expected an array/],
    ['a shape cut short', '{"w":{"shape":[1', /"," or "]", got the end/],
    ['a nested shape', `{"w":${entry('F32', '[[0]]', '[0,0]')}}`, /expected an integer/],
    ['a size that is a string', `{"w":${entry('F32', '["0"]', '[0,0]')}}`, /expected an integer/],
    ['a negative size', `{"w":${entry('F32', '[-1]', '[0,0]')}}`, /expected an integer from 0 to 2\^53 - 1, got "-1]/],
    ['a size of minus 0', `{"w":${entry('F32', '[-0]', '[0,0]')}}`, /got "-0]/],
    ['a fractional size', `{"w":${entry('F32', '[0.5]', '[0,0]')}}`, /got "0.5]/],
    ['an integer written as a fraction', `{"w":${entry('F32', '[0.0]', '[0,0]')}}`, /got "0.0]/],
    ['an exponent', `{"w":${entry('F32', '[1e1]', '[0,40]')}}`, /got "1e1]/],
    ['a leading zero', `{"w":${entry('F32', '[00]', '[0,0]')}}`, /got "00]/],
    ['an unsafe size', `{"w":${entry('F32', '[0,9007199254740992]', '[0,0]')}}`, /got "9007199254740992]/],
    ['a size of 400 digits', `{"w":${entry('F32', `[${'9'.repeat(400)}]`, '[0,0]')}}`, /expected an integer/],
    ['a product over 2^53', `{"w":${entry('F32', '[4294967296,4294967296]', '[0,0]')}}`, /need 2\^53 or more bytes/],
    ['a product that wraps to 0', `{"w":${entry('F32', '[4294967296,4294967296,0]', '[0,0]')}}`, /2\^53 or more/],
    ['one offset', `{"w":${entry('F32', '[0]', '[0]')}}`, /"data_offsets" must have 2 numbers/],
    ['three offsets', `{"w":${entry('F32', '[0]', '[0,0,0]')}}`, /more than 2 numbers/],
    ['offsets that are an object', `{"w":${entry('F32', '[0]', '{"0":0,"1":0}')}}`, /expected an array/],
    ['a negative offset', `{"w":${entry('F32', '[1]', '[-4,0]')}}`, /"data_offsets": expected an integer/],
    ['a fractional offset', `{"w":${entry('F32', '[1]', '[0.5,4.5]')}}`, /expected an integer/],
    ['an unsafe offset', `{"w":${entry('F32', '[1]', '[9007199254740992,9007199254740996]')}}`, /expected an integer/],
    ['offsets in reverse', `{"w":${entry('F32', '[1]', '[4,0]')}}`, /need 4 bytes, its data_offsets 4 to 0 make -4/],
    ['a size that is not that of the offsets', `{"w":${entry('F32', '[2]', '[0,4]')}}`, /need 8 bytes, .* make 4/],
    ['the size of another dtype', `{"w":${entry('F16', '[1]', '[0,4]')}}`, /need 2 bytes/],
    ['data beyond the file', `{"w":${entry('F32', '[3]', '[0,12]')}}`, /"w", bytes 0 to 12 .* has 8 bytes of data/],
    ['far beyond', `{"w":${entry('F32', '[2251799813685247]', '[0,9007199254740988]')}}`, /outside the file/],
    ['a hole before', `{"w":${entry('F32', '[1]', '[4,8]')}}`, /bytes from 0 on before it belong to no tensor/],
    ['bytes behind', `{"w":${entry('F32', '[1]', '[0,4]')}}`, /the last 4 bytes belong to no tensor/],
    ['bytes without tensors', '{}', /the last 8 bytes belong to no tensor/],
    ['an overlap', `{"a":${entry('F32', '[2]', '[0,8]')},"b":${entry('F32', '[1]', '[4,8]')}}`, /"b".* overlaps/],
    ['one place twice', `{"a":${entry('F32', '[2]', '[0,8]')},"b":${entry('F32', '[2]', '[0,8]')}}`, /overlaps/],
    [
      'an empty tensor inside',
      `{"a":${entry('F32', '[2]', '[0,8]')},"b":${entry('F32', '[0]', '[4,4]')}}`,
      /"b".*overlaps/,
    ],
  ])('%s', (_, header, message) => refuses(file(header, zeros(8)), message));

  test('what is too deep or too long, in little time, with a short message', () => {
    for (const open of ['[', '{"a":']) {
      const bytes = file(`{"w":{"shape":${open.repeat(200_000)}`);
      refuses(bytes, /expected/);
    }
    refuses(file(`{"w":{"shape":[1${',1'.repeat(1_000_000)}]}}`), /"shape": more than 64 numbers/);
    const keys = Array.from({ length: 131_073 }, (_, i) => `"${i.toString(36)}":""`);
    refuses(file(`{"__metadata__":{${keys.join()}}}`), /more than 131072 members/);
    const name = 'n'.repeat(1_000_000);
    expect(() => readSafetensors(file(`{"${name}":0}`))).toThrow(/^.{0,200}$/);
  });
});
