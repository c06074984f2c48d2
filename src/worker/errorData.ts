/** Errors on their way between a page and its worker. They arrive as errors of the same class, with their fields and causes. */
import * as classes from '../errors.ts';

/** An error as plain data. */
export interface ErrorData {
  /** Class of the error; undefined for a value that is no error. */
  readonly kind?: string;
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorData | undefined;
  /** Number of a value that the page has thrown: it gets that very one back. */
  readonly thrown?: number | undefined;
}

/** The fields of the engine's errors, by which their constructors make them. */
const FIELDS: Readonly<Record<string, string>> = {
  MemoryLimitError: 'least',
  StepsLostError: 'stepsLost',
  NonFiniteError: 'finding',
};

type Construct = new (message: string, field?: unknown) => Error;

const NATIVE: Readonly<Record<string, Construct>> = { Error, TypeError, RangeError, SyntaxError, ReferenceError };

/** Causes in a row that are kept. */
const MOST_CAUSES = 5;

/** @param numberOf the number of a value that the page has thrown */
export function errorData(error: unknown, numberOf: (error: unknown) => number | undefined, depth = 0): ErrorData {
  const thrown = numberOf(error);
  if (typeof error !== 'object' || error === null || typeof (error as Error).message !== 'string')
    return { name: 'Error', message: String(error), thrown };
  const { name, message, stack, cause } = error as Error;
  const isOwn = error instanceof classes.NeuriteError;
  const isNative = error instanceof Error && Object.hasOwn(NATIVE, name);
  const kind = isOwn || isNative ? name : error instanceof DOMException ? 'DOMException' : 'Error';
  const field = FIELDS[name];
  return {
    ...{ kind, name, message, stack, thrown },
    ...(isOwn && field ? { fields: { [field]: (error as unknown as Record<string, unknown>)[field] } } : {}),
    ...(cause === undefined || depth === MOST_CAUSES ? {} : { cause: errorData(cause, numberOf, depth + 1) }),
  };
}

/** @param thrownAs the value of a number that the page has given; undefined if it has none */
export function errorOf(data: ErrorData, thrownAs: (number: number) => { value: unknown } | undefined): unknown {
  const { kind = 'Error', name, message, stack, fields = {}, cause, thrown } = data;
  const known = thrown === undefined ? undefined : thrownAs(thrown);
  if (known) return known.value;
  if (kind === 'DOMException') return new DOMException(message, name);
  const own = (classes as unknown as Record<string, Construct>)[kind];
  const error = new (own ?? NATIVE[kind] ?? Error)(message, Object.values(fields)[0]);
  if (error.name !== name) error.name = name;
  if (stack) error.stack = stack;
  if (cause) error.cause = errorOf(cause, thrownAs);
  return error;
}
