/**
 * Initializers: how weights get their initial values, with Keras' names and formulas. Random values depend on the seed alone
 * and are computed on the host.
 */
import { ArgumentError } from '../errors.ts';
import { check, checkOptions, isNumber, type Kinds, likely } from '../options.ts';
import { Random } from '../random.ts';
import { shown } from '../shown.ts';
import { elements, type Shape } from '../tensor.ts';

/** Names of the initializers without parameters. */
export type InitializerName =
  | 'zeros'
  | 'ones'
  | 'glorotUniform'
  | 'glorotNormal'
  | 'heUniform'
  | 'heNormal'
  | 'lecunUniform'
  | 'lecunNormal';

export type Initializer =
  | InitializerName
  | { readonly name: 'constant'; readonly value: number }
  | { readonly name: 'randomUniform'; readonly low: number; readonly high: number }
  | { readonly name: 'randomNormal'; readonly mean?: number; readonly stddev: number };

/** Standard deviation of a standard normal truncated at +-2. Truncated draws are divided by it, to have the required variance. */
const TRUNCATED_STDDEV = 0.87962566103423978;

const VARIANCE_SCALING: Readonly<
  Record<string, { scale: number; fan: 'in' | 'average'; distribution: 'uniform' | 'normal' }>
> = {
  glorotUniform: { scale: 1, fan: 'average', distribution: 'uniform' },
  glorotNormal: { scale: 1, fan: 'average', distribution: 'normal' },
  heUniform: { scale: 2, fan: 'in', distribution: 'uniform' },
  heNormal: { scale: 2, fan: 'in', distribution: 'normal' },
  lecunUniform: { scale: 1, fan: 'in', distribution: 'uniform' },
  lecunNormal: { scale: 1, fan: 'in', distribution: 'normal' },
};

const NAMES: readonly unknown[] = ['zeros', 'ones', ...Object.keys(VARIANCE_SCALING)];

/** Upper bound of the normal numbers that `Random` draws. */
const MOST_NORMAL = 5;

/** The parameters of the initializers that have some. Only `mean` has a default. */
const NUMBERS: Readonly<Record<string, Kinds>> = {
  constant: { value: 'number' },
  randomUniform: { low: 'number', high: 'number' },
  randomNormal: { mean: 'number', stddev: 'number' },
};

/** @param option name of the option, for the message @throws ArgumentError for an unknown initializer or wrong parameters */
export function checkInitializer(what: string, option: string, initializer: Initializer): void {
  if (NAMES.includes(initializer)) return;
  const { name, ...numbers } = Object(initializer) as { name?: string };
  if (typeof name !== 'string' || !Object.hasOwn(NUMBERS, name)) {
    throw new ArgumentError(
      `${what}: ${option} must be '${NAMES.join("', '")}' or { name: '${Object.keys(NUMBERS).join("' | '")}', … }, ` +
        `got ${shown(initializer)}.${likely(initializer, [...(NAMES as string[]), ...Object.keys(NUMBERS)])}`,
    );
  }
  const kinds = NUMBERS[name]!;
  checkOptions(`${what}: ${option}`, numbers, kinds);
  const values: Readonly<Record<string, unknown>> = { mean: 0, ...numbers };
  for (const number of Object.keys(kinds)) check(`${what}: ${option}`, number, values[number], 'number');
  const { mean, stddev } = values as Readonly<Record<string, number>>;
  if (stddev !== undefined && !isNumber(Math.abs(mean!) + MOST_NORMAL * Math.abs(stddev))) {
    throw new ArgumentError(`${what}: ${option}: mean ${mean} and stddev ${stddev} make draws beyond float32.`);
  }
}

/**
 * The initial values of a weight. For shapes `[..., in, out]` the fans include the receptive field, as in Keras.
 * @param seed numbers that select the random stream, such as the model's seed and the weight's index
 */
export function initialValues(initializer: Initializer, shape: Shape, seed: readonly number[]): Float32Array {
  const values = new Float32Array(elements(shape));
  const random = new Random(...seed);
  if (initializer === 'zeros') return values;
  if (initializer === 'ones') return values.fill(1);
  if (typeof initializer === 'string') {
    const { scale, fan, distribution } = VARIANCE_SCALING[initializer]!;
    const { fanIn, fanOut } = fans(shape);
    const variance = scale / Math.max(1, fan === 'in' ? fanIn : (fanIn + fanOut) / 2);
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return values.map(() => random.uniform(-limit, limit));
    }
    const stddev = Math.sqrt(variance) / TRUNCATED_STDDEV;
    return values.map(() => stddev * truncatedNormal(random));
  }
  switch (initializer.name) {
    case 'constant':
      return values.fill(initializer.value);
    case 'randomUniform':
      return values.map(() => random.uniform(initializer.low, initializer.high));
    case 'randomNormal':
      return values.map(() => (initializer.mean ?? 0) + initializer.stddev * random.normal());
  }
}

/** A standard normal number within +-2. Numbers outside are drawn again. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! };
  const field = elements(shape.slice(0, -2));
  return { fanIn: field * shape.at(-2)!, fanOut: field * shape.at(-1)! };
}
