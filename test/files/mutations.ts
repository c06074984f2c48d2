/** Ways to damage a file, for fast-check. */
import fc from 'fast-check';
import { joined } from '../../src/io/bytes.ts';

/** A fraction says where, so that places are as likely in any file. */
const place = fc.noBias(fc.nat(2 ** 30 - 1)).map((n) => n / 2 ** 30);
const mutation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ at: place, flip: fc.integer({ min: 1, max: 255 }) }) },
  { weight: 1, arbitrary: fc.record({ keep: place }) },
  { weight: 1, arbitrary: fc.record({ at: place, remove: fc.nat(20), insert: fc.uint8Array({ maxLength: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ at: place, remove: fc.nat(20), from: place, length: fc.nat(2000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      at: place,
      word: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7f800000, 0x7fc00000),
    }),
  },
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, how: Mutation): Uint8Array<ArrayBuffer> {
  if ('keep' in how) return bytes.slice(0, Math.floor(how.keep * bytes.length));
  const at = Math.floor(how.at * bytes.length);
  const splice = (remove: number, insert: Uint8Array) => {
    const pieces = [bytes.subarray(0, at), insert, bytes.subarray(at + remove)];
    return joined(
      pieces,
      pieces.reduce((sum, { length }) => sum + length, 0),
    );
  };
  if ('flip' in how) return bytes.length === 0 ? new Uint8Array() : splice(1, Uint8Array.of(bytes[at]! ^ how.flip));
  if ('word' in how) return splice(4, new Uint8Array(Uint32Array.of(how.word).buffer));
  if ('insert' in how) return splice(how.remove, how.insert);
  const from = Math.floor(how.from * bytes.length);
  return splice(how.remove, bytes.slice(from, from + how.length));
}

/** What is left of a file after several mutations. */
export const damaged = (bytes: Uint8Array, mutations: readonly Mutation[]) =>
  mutations.reduce((damaged, how) => mutate(damaged, how), new Uint8Array(bytes));

export const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });

const HOSTILE: readonly unknown[] = [
  ...[1e9, 1e300, -1, 0, 0.5, 2 ** 32, 2 ** 53, null, true, '', 'x', '__proto__', 'constructor', 'relu', 'same'],
  ...[[], {}, [1], [1e9, 1e9, 1], [-1, -1], [[1, 2], [3]], [null], 'x'.repeat(5000)],
  ...[{ toString: 1, valueOf: 1 }, [{ toString: 1, valueOf: 1 }], { length: 2 }, { name: 'constant' }, [[[[1]]]]],
  ...[
    { name: { toString: 1 }, config: null },
    { name: 'cosineDecay', config: { alpha: { valueOf: 1, toString: 1 } } },
  ],
];

/** Every place in a value of JSON: the object or list that holds it, and its key. */
function places(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(value).flatMap((key) => [{ holder, key }, ...places(holder[key])]);
}

const edit = fc.record({
  at: place,
  how: fc.oneof(
    fc.record({ value: fc.constantFrom<unknown>(...HOSTILE) }),
    fc.record({ rename: fc.constantFrom('__proto__', 'constructor', 'name', 'inputShape', 'units', 'x') }),
    fc.constant('remove' as const),
    fc.constant('repeat' as const),
  ),
});

/** Descriptions in which up to three places say something else. */
export const edited = (describe: () => object): fc.Arbitrary<string> =>
  fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => {
    const said = describe();
    for (const { at, how } of edits) {
      const all = places(said);
      const { holder, key } = all[Math.floor(at * all.length)]!;
      const value = holder[key];
      if (how === 'repeat') {
        if (Array.isArray(holder)) holder.push(structuredClone(value));
      } else if (how === 'remove') delete holder[key];
      else if ('value' in how) holder[key] = how.value;
      else {
        delete holder[key];
        Object.defineProperty(holder, how.rename, { value, enumerable: true, configurable: true, writable: true });
      }
    }
    return JSON.stringify(said);
  });
