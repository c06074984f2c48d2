import { ArgumentError } from '../errors.ts';
import { Random } from '../random.ts';
import { elements, type Shape } from '../tensor.ts';

/** How a weight gets its first values, as plain data. Names and formulas are Keras'. */
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

/** Standard deviation of a standard normal cut at +-2: truncated draws are divided by it to have the wanted variance. */
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

/** @throws ArgumentError for a name or parameters that do not exist */
export function checkInitializer(what: string, initializer: Initializer): void {
  const numbers = (...values: (number | undefined)[]) => values.every((v) => v === undefined || Number.isFinite(v));
  const ok =
    typeof initializer === 'string'
      ? initializer === 'zeros' || initializer === 'ones' || Object.hasOwn(VARIANCE_SCALING, initializer)
      : (initializer?.name === 'constant' && numbers(initializer.value)) ||
        (initializer?.name === 'randomUniform' && numbers(initializer.low, initializer.high)) ||
        (initializer?.name === 'randomNormal' && numbers(initializer.mean, initializer.stddev));
  if (!ok) {
    throw new ArgumentError(
      `${what}: unknown initializer ${JSON.stringify(initializer)}; there are zeros, ones, ` +
        `${Object.keys(VARIANCE_SCALING).join(', ')}, and { name: 'constant' | 'randomUniform' | 'randomNormal', … }.`,
    );
  }
}

/**
 * First values of a weight. For shapes `[..., in, out]` the fans count the receptive field, as in Keras.
 * @param seed numbers that name the random stream, e.g. the model's seed and the weight's index
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

/** A standard normal number within +-2, by drawing again. */
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
