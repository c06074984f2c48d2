import { ArgumentError } from './errors.ts';

/**
 * Makes it an error to read or set what Keras or TensorFlow.js call otherwise, in place of an `undefined` that shows later or
 * never. Such names are not enumerable.
 * @param what the target, for the message
 * @param names other names, and what to do instead
 * @returns the target
 */
export function refuseOtherNames<T extends object>(
  what: string,
  target: T,
  names: Readonly<Record<string, string>>,
): T {
  for (const [name, advice] of Object.entries(names)) {
    const refuse = (): never => {
      throw new ArgumentError(`${what} has no '${name}': ${advice}.`);
    };
    Object.defineProperty(target, name, { get: refuse, set: refuse, configurable: true });
  }
  return target;
}
