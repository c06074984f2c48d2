/**
 * Decimal digits of floating-point numbers, as few as tell a number from its neighbours, in exact integer arithmetic: the
 * algorithm Dragon4 (G. Steele, J. White: How to print floating-point numbers accurately, 1990), with the cutoffs that numpy has.
 */

/** Decimal digits and the power of ten of the first one: 12.5 is 1, 2, 5 and 1. */
export interface Digits {
  readonly digits: readonly number[];
  readonly exponent: number;
}

export interface DigitsOptions {
  /** Whether the number is one of float32, whose neighbours are farther away. */
  readonly single: boolean;
  /** Most digits, counted as `counts` says. Absent: as many as it takes. */
  readonly most?: number | undefined;
  /** Fewest digits, where fewer would do. Default 0. */
  readonly fewest?: number | undefined;
  /** Whether `most` and `fewest` count all digits, or those behind the decimal point. */
  readonly counts: 'all' | 'fraction';
}

const bits = /* @__PURE__ */ new DataView(new ArrayBuffer(8));

/** mantissa 2^exponent. `narrow`: the neighbour below is half as far away as the one above. */
function parts(x: number, single: boolean): { mantissa: bigint; exponent: number; narrow: boolean } {
  const [fraction, bias] = single ? [23, 150] : [52, 1075];
  if (single) bits.setFloat32(0, x);
  else bits.setFloat64(0, x);
  const all = single ? BigInt(bits.getUint32(0)) : bits.getBigUint64(0);
  const rest = all & ((1n << BigInt(fraction)) - 1n);
  const power = Number(all >> BigInt(fraction));
  if (power === 0) return { mantissa: rest, exponent: 1 - bias, narrow: false };
  return { mantissa: rest | (1n << BigInt(fraction)), exponent: power - bias, narrow: rest === 0n && power > 1 };
}

/** The digits of a finite number from 0 on. */
export function digitsOf(x: number, { single, most, fewest = 0, counts }: DigitsOptions): Digits {
  if (x === 0) return { digits: [0], exponent: 0 };
  const { mantissa, exponent, narrow } = parts(x, single);
  // x = value / scale. All numbers within `low` below it and `high` above it, over `scale`, round to x.
  const factor = narrow ? 4n : 2n;
  const up = 1n << BigInt(Math.max(exponent, 0));
  let value = factor * mantissa * up;
  let scale = factor << BigInt(Math.max(-exponent, 0));
  let low = up;
  let high = narrow ? 2n * up : up;
  // An estimate of the number of digits before the decimal point, which is right or one too small.
  let place = Math.ceil((exponent + mantissa.toString(2).length - 1) * Math.LOG10E * Math.LN2 - 0.69);
  const ten = 10n ** BigInt(Math.abs(place));
  if (place > 0) scale *= ten;
  else [value, low, high] = [value * ten, low * ten, high * ten];
  if (value >= scale) place++;
  else [value, low, high] = [value * 10n, low * 10n, high * 10n];

  const first = place - 1;
  const lastOf = (count: number) => (counts === 'all' ? place - count : -count);
  const end = most === undefined ? Number.NEGATIVE_INFINITY : lastOf(most);
  const enough = lastOf(fewest);
  const even = mantissa % 2n === 0n; // the ends of the range round to an even mantissa
  const digits: number[] = [];
  for (let at = first; ; at--) {
    const digit = Number(value / scale);
    value %= scale;
    const isLow = even ? value <= low : value < low;
    const isHigh = even ? value + high >= scale : value + high > scale;
    if (((isLow || isHigh) && at <= enough) || at <= end) {
      const half = 2n * value - scale;
      const down = isLow !== isHigh ? isLow : half === 0n ? digit % 2 === 0 : half < 0n;
      digits.push(digit);
      return down ? { digits, exponent: first } : roundedUp(digits, first);
    }
    digits.push(digit);
    [value, low, high] = [value * 10n, low * 10n, high * 10n];
  }
}

/** Adds one to the last digit. Nines before it become zeros that are left out. */
function roundedUp(digits: number[], exponent: number): Digits {
  while (digits.at(-1) === 9) digits.pop();
  if (digits.length === 0) return { digits: [1], exponent: exponent + 1 };
  digits[digits.length - 1]!++;
  return { digits, exponent };
}
