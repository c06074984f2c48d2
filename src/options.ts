/**
 * Checks the options and arguments of public functions. Callers in plain JavaScript may pass any value under any name,
 * so every option is checked, and a wrong name gets a suggestion.
 */
import { ArgumentError } from './errors.ts';
import { kindOf, shown } from './shown.ts';

/** The least normal number of float32. WGSL may treat smaller ones as 0. */
const LEAST = 2 ** -126;

/** Whether a value is a number that float32 can hold, rounded, as a normal number or 0. Such options end up in a kernel. */
export function isNumber(x: unknown): x is number {
  if (typeof x !== 'number') return false;
  const size = Math.abs(Math.fround(x));
  return x === 0 || (size >= LEAST && size < Number.POSITIVE_INFINITY);
}

/** The number, or 0 if it is too small for a normal number of float32. */
export const flushed = (x: number): number => (typeof x === 'number' && Math.abs(x) < LEAST ? 0 : x);

/** Whether a value is an object and not a list. */
export function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** The further arguments that `map` and `reduce` pass to a callback: an index and the array. */
export type Passed = readonly (number | readonly unknown[])[];

/** @throws ArgumentError if options are passed to a function that takes none and would ignore them */
export function noOptions(what: string, more: Passed): void {
  const options = more.find(isRecord);
  if (options) throw new ArgumentError(`${what} takes no options behind its arguments, ${came(options)}`);
}

/**
 * The kinds of values: each has a test and its wording in messages. What functions return and lists contain is not
 * checked here.
 */
const KINDS = {
  any: [() => true, ''],
  boolean: [(x) => typeof x === 'boolean', 'true or false'],
  function: [(x) => typeof x === 'function', 'a function'],
  text: [(x) => typeof x === 'string' && x !== '', 'a text'],
  object: [(x) => typeof x === 'object' && x !== null, 'an object'],
  record: [isRecord, 'an object'],
  list: [(x) => Array.isArray(x) || (ArrayBuffer.isView(x) && kindOf(x) !== 'DataView'), 'a list'],
  signal: [(x) => kindOf(x) === 'AbortSignal', 'an AbortSignal'],
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

/** The kind of each option, by name. */
export type Kinds = Readonly<Record<string, Kind>>;

/** The end of a message about a wrong value. */
export function came(value: unknown): string {
  return `got ${shown(value)}.${typeof value === 'function' ? ' If it makes what is wanted, call it: name(), not name.' : ''}`;
}

/** @throws ArgumentError unless the value is of this kind */
export function check(what: string, name: string, value: unknown, kind: Kind): void {
  const [test, wanted] = KINDS[kind];
  if (test(value)) return;
  const range = kind === 'positive' ? 'from 1.18e-38 to 3.4e38' : '0, or from 1.18e-38 to 3.4e38 in size';
  const isFloat = /^(number|positive|notNegative|decay|fraction)$/.test(kind);
  const held = isFloat && Number.isFinite(value) && !isNumber(value) ? `, and one that float32 holds: ${range};` : ',';
  const hint = kind === 'list' && typeof value === 'string' ? ` Write [${shown(value)}].` : '';
  throw new ArgumentError(`${what}: ${name} must be ${wanted}${held} ${came(value)}${hint}`);
}

/** @throws ArgumentError unless the value is one of these texts */
export function checkOneOf(what: string, name: string, value: unknown, texts: readonly string[]): void {
  if (texts.includes(value as string)) return;
  const list = listed(
    texts.map((text) => `'${text}'`),
    'or',
  );
  throw new ArgumentError(`${what}: ${name} must be ${list}, got ${shown(value)}.${likely(value, texts)}`);
}

/** @throws ArgumentError for a kind that does not exist */
export function checkKinds(what: string, kinds: Kinds): void {
  for (const [name, kind] of Object.entries(kinds)) checkOneOf(what, name, kind, Object.keys(KINDS));
}

/** ` Did you mean …?`, if one of the names is similar to the given one. */
export function likely(given: unknown, names: readonly string[]): string {
  if (typeof given === 'function') return " Write its name, as a text: 'name'.";
  const name = like(given, names);
  return name ? ` Did you mean '${name}'?` : '';
}

/**
 * The name that is similar to the given one: one or two letters differ, it is Keras' spelling, or the given one
 * abbreviates it.
 */
export function like(given: unknown, names: readonly string[]): string | undefined {
  const bare = (text: string) =>
    text
      .slice(0, 60)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '');
  const wanted = typeof given === 'string' ? bare(given) : '';
  const initials = (name: string) => bare(name[0] + name.replace(/[^A-Z]/g, ''));
  const isShort = (name: string) => initials(name) === wanted || (wanted.length > 2 && bare(name).startsWith(wanted));
  const apart = names.map((name) => (isShort(name) ? 0 : distance(wanted, bare(name))));
  const least = Math.min(...apart);
  return least <= Math.min(2, 0.4 * wanted.length) ? names[apart.indexOf(least)] : undefined;
}

/** Levenshtein's distance: how many letters have to be inserted, left out, replaced, or exchanged with the one behind them. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = [...b, ''].map((_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isExchanged = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = isExchanged ? before[j - 2]! : row[j]!;
      next.push(Math.min(exchanged + 1, row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** `a, b and c`. */
export function listed(words: readonly string[], last: 'and' | 'or'): string {
  return words.join(', ').replace(/, (?=[^,]*$)/, ` ${last} `);
}

/** @throws ArgumentError unless the value has these methods. @param hint names something that has them */
export function checkMethods(what: string, value: unknown, names: readonly string[], hint = ''): void {
  const methods = value as Record<string, unknown> | null | undefined;
  if (names.every((name) => typeof methods?.[name] === 'function')) return;
  throw new ArgumentError(`${what} must have the methods ${listed(names, 'and')}${hint}, ${came(value)}`);
}

/** @throws ArgumentError unless options are an object; the message has the first option that there is as an example */
export function checkOptionsObject(what: string, options: unknown, kinds: Kinds): void {
  const [first] = Object.keys(kinds);
  const isValue = KINDS.list[0](options) || ['number', 'string', 'boolean'].includes(typeof options);
  if (first !== undefined && isValue)
    throw new ArgumentError(`${what}: options must be an object, such as { ${first}: … }, ${came(options)}`);
  check(what, 'options', options, 'record');
}

/**
 * Checks options. An option that is `undefined` counts as absent.
 * @param all whether every option must be there, except those of the kind `any`
 * @param noun the word for an option in messages
 * @returns the options
 * @throws ArgumentError unless the options are an object, for an option that does not exist, and for one of a wrong kind
 */
export function checkOptions<T extends object>(
  what: string,
  options: T,
  kinds: Kinds,
  all = false,
  noun = 'option',
): T {
  checkOptionsObject(what, options, kinds);
  const names = Object.keys(kinds);
  for (const name of Object.keys(options)) {
    if (options[name as keyof T] === undefined || Object.hasOwn(kinds, name)) continue;
    throw new ArgumentError(
      `${what}: there is no ${noun} ${shown(name)}; the ${noun}s are ${names.join(', ') || 'none'}.${likely(name, names)}`,
    );
  }
  for (const name of names) {
    const value = options[name as keyof T];
    if (value !== undefined || all) check(what, name, value, kinds[name]!);
  }
  return options;
}

/** Options with defaults filled in. @throws ArgumentError for an option that does not exist */
export function withDefaults<T extends object>(what: string, defaults: T, options: Partial<T>): T {
  const kinds = Object.fromEntries(Object.keys(defaults).map((name) => [name, 'any' as const]));
  const given = Object.entries(checkOptions(what, options, kinds)).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
