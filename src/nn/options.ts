import { ArgumentError, shown } from '../errors.ts';

/**
 * Options that are given; one that is `undefined` counts as absent. Callers in plain JavaScript may pass anything.
 * @param known names, separated by spaces
 * @throws ArgumentError unless options are an object, and for an option that does not exist
 */
export function checkOptions(what: string, options: object, known: string): [string, unknown][] {
  if (typeof options !== 'object' || options === null) {
    throw new ArgumentError(`${what}: options must be an object, got ${shown(options)}.`);
  }
  const names = known.split(' ');
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name] of given) {
    if (!names.includes(name)) {
      throw new ArgumentError(`${what}: there is no option ${shown(name)}; the options are ${names.join(', ')}.`);
    }
  }
  return given;
}

/** Options with defaults filled in. @throws ArgumentError for an option that does not exist */
export function withDefaults<T extends object>(what: string, defaults: T, options: Partial<T>): T {
  const given = checkOptions(what, options, Object.keys(defaults).join(' '));
  return { ...defaults, ...Object.fromEntries(given) };
}

/** @throws ArgumentError unless the value is a finite number above 0 */
export function checkPositive(what: string, name: string, value: unknown): void {
  check(what, name, value, (x) => x > 0, 'a positive number');
}

/** @throws ArgumentError unless the value is a finite number of at least 0 */
export function checkNotNegative(what: string, name: string, value: unknown): void {
  check(what, name, value, (x) => x >= 0, 'a number of at least 0');
}

/** @throws ArgumentError unless 0 <= value < 1 */
export function checkDecay(what: string, name: string, value: unknown): void {
  check(what, name, value, (x) => x >= 0 && x < 1, 'a number from 0 to less than 1');
}

/** @throws ArgumentError unless 0 <= value <= 1 */
export function checkFraction(what: string, name: string, value: unknown): void {
  check(what, name, value, (x) => x >= 0 && x <= 1, 'a number from 0 to 1');
}

/** @throws ArgumentError unless the value is `true` or `false` */
export function checkBoolean(what: string, name: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    throw new ArgumentError(`${what}: ${name} must be true or false, got ${shown(value)}.`);
  }
}

function check(what: string, name: string, value: unknown, rule: (x: number) => boolean, wanted: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || !rule(value)) {
    throw new ArgumentError(`${what}: ${name} must be ${wanted}, got ${shown(value)}.`);
  }
}
