/** Options as callers in plain JavaScript may pass them: any value under any name. */
import { ArgumentError, shown } from './errors.ts';

const isNumber = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);

/** What a value may be: the test, and how a message says it. Functions and lists are not looked into. */
const KINDS = {
  any: [() => true, ''],
  boolean: [(x) => typeof x === 'boolean', 'true or false'],
  function: [(x) => typeof x === 'function', 'a function'],
  text: [(x) => typeof x === 'string' && x !== '', 'a text'],
  object: [(x) => typeof x === 'object' && x !== null, 'an object'],
  record: [(x) => typeof x === 'object' && x !== null && !Array.isArray(x), 'an object'],
  list: [(x) => Array.isArray(x) || ArrayBuffer.isView(x), 'a list'],
  signal: [(x) => x instanceof AbortSignal, 'an AbortSignal'],
  number: [isNumber, 'a number'],
  integer: [(x) => Number.isSafeInteger(x), 'an integer from 1 - 2^53 to 2^53 - 1'],
  count: [(x) => Number.isInteger(x) && x >= 1, 'an integer of at least 1'],
  countFrom0: [(x) => Number.isInteger(x) && x >= 0, 'an integer of at least 0'],
  positive: [(x) => isNumber(x) && x > 0, 'a positive number'],
  notNegative: [(x) => isNumber(x) && x >= 0, 'a number of at least 0'],
  limit: [(x) => typeof x === 'number' && x >= 0, 'a number of at least 0, or Infinity'],
  decay: [(x) => isNumber(x) && x >= 0 && x < 1, 'a number from 0 to less than 1'],
  fraction: [(x) => isNumber(x) && x >= 0 && x <= 1, 'a number from 0 to 1'],
  // biome-ignore lint/suspicious/noExplicitAny: each test finds out for itself what it was given
} satisfies Record<string, readonly [(x: any) => boolean, string]>;

export type Kind = keyof typeof KINDS;

/** The options that there are, and what each may be. */
export type Kinds = Readonly<Record<string, Kind>>;

/** @throws ArgumentError unless the value is what it has to be */
export function check(what: string, name: string, value: unknown, kind: Kind): void {
  const [test, wanted] = KINDS[kind];
  if (!test(value)) throw new ArgumentError(`${what}: ${name} must be ${wanted}, got ${shown(value)}.`);
}

/** @throws ArgumentError unless the value is one of these texts */
export function checkOneOf(what: string, name: string, value: unknown, texts: readonly string[]): void {
  if (texts.includes(value as string)) return;
  const list = listed(
    texts.map((text) => `'${text}'`),
    'or',
  );
  throw new ArgumentError(`${what}: ${name} must be ${list}, got ${shown(value)}.`);
}

/** `a, b and c`. */
function listed(words: readonly string[], last: 'and' | 'or'): string {
  return words.join(', ').replace(/, (?=[^,]*$)/, ` ${last} `);
}

/** @throws ArgumentError unless the value has these methods. @param hint what has them */
export function checkMethods(what: string, value: unknown, names: readonly string[], hint = ''): void {
  const methods = value as Record<string, unknown> | null | undefined;
  if (names.every((name) => typeof methods?.[name] === 'function')) return;
  throw new ArgumentError(`${what} must have the methods ${listed(names, 'and')}${hint}, got ${shown(value)}.`);
}

/**
 * One that is `undefined` counts as absent.
 * @throws ArgumentError unless options are an object, for an option that does not exist, and for one that is not what it has to be
 */
export function checkOptions(what: string, options: object, kinds: Kinds): [string, unknown][] {
  check(what, 'options', options, 'record');
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(kinds, name)) {
      const names = Object.keys(kinds).join(', ');
      throw new ArgumentError(`${what}: there is no option ${shown(name)}; the options are ${names || 'none'}.`);
    }
    check(what, name, value, kinds[name]!);
  }
  return given;
}

/** Options with defaults filled in. @throws ArgumentError for an option that does not exist */
export function withDefaults<T extends object>(what: string, defaults: T, options: Partial<T>): T {
  const kinds = Object.fromEntries(Object.keys(defaults).map((name) => [name, 'any' as const]));
  return { ...defaults, ...Object.fromEntries(checkOptions(what, options, kinds)) };
}
