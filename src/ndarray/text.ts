/**
 * The text that numpy's `print` has for an array, with its default options: 8 digits, lines of 75 characters, and of more than
 * 1,000 elements the first and the last three of each axis. Checked against numpy 2.4, which is where the rules come from.
 */
import { type Digits, digitsOf } from './digits.ts';

const PRECISION = 8;
const LINE_WIDTH = 75;
const THRESHOLD = 1000;
const EDGE_ITEMS = 3;

/** How the elements of an array are written. */
export type Kind = 'float32' | 'float64' | 'integer' | 'bool';

export interface Printable {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly kind: Kind;
}

export function textOf({ data, shape, kind }: Printable): string {
  if (shape.length === 0) return scalarText(data[0]!, kind);
  if (data.length === 0) return '[]';
  const short = data.length > THRESHOLD;
  const shown: number[] = [];
  /** The indices of an axis that are written; -1 stands for those that are left out. */
  const indices = (size: number): number[] =>
    short && size > 2 * EDGE_ITEMS
      ? [0, 1, 2, -1, size - 3, size - 2, size - 1]
      : Array.from({ length: size }, (_, i) => i);
  const visit = (axis: number, at: number): void => {
    for (const i of indices(shape[axis]!)) {
      if (i < 0) continue;
      const place = at * shape[axis]! + i;
      if (axis + 1 < shape.length) visit(axis + 1, place);
      else shown.push(data[place]!);
    }
  };
  visit(0, 0);
  const write = writerOf(shown, kind);

  const nested = (axis: number, at: number, indent: string, width: number): string => {
    const size = shape[axis]!;
    if (axis + 1 === shape.length) {
      const words = indices(size).map((i) => (i < 0 ? '...' : write(data[at * size + i]!)));
      return `[${wrapped(words, indent, width - 1).slice(indent.length)}]`;
    }
    const rows = indices(size).map((i) => (i < 0 ? '...' : nested(axis + 1, at * size + i, `${indent} `, width - 1)));
    return `[${rows.join('\n'.repeat(shape.length - 1 - axis) + indent)}]`;
  };
  return nested(0, 0, ' ', LINE_WIDTH);
}

/** Words with spaces between them, in lines that begin with `indent`. */
function wrapped(words: readonly string[], indent: string, width: number): string {
  let lines = '';
  let line = indent;
  words.forEach((word, i) => {
    if (line.length + word.length > width && line.length > indent.length) {
      lines += `${line.trimEnd()}\n`;
      line = indent;
    }
    line += i + 1 < words.length ? `${word} ` : word;
  });
  return lines + line;
}

function writerOf(values: readonly number[], kind: Kind): (value: number) => string {
  if (kind === 'bool') return (value) => (value ? 'True' : 'False').padStart(5);
  if (kind === 'integer') {
    const width = Math.max(...values.map((value) => String(value).length));
    return (value) => String(value).padStart(width);
  }
  return floatWriter(values, kind === 'float32');
}

/** All numbers in one form: with a point at the same place, or with exponents where the sizes differ by much. */
function floatWriter(values: readonly number[], single: boolean): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  const rounded = single ? Math.fround : (value: number) => value;
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)];
  const scientific =
    sizes.length > 0 &&
    (largest >= (single ? 1e6 : 1e8) || smallest < rounded(0.0001) || rounded(largest / smallest) > 1000);
  const parts = finite.map((value) => {
    if (!scientific)
      return positional(value, digitsOf(Math.abs(value), { single, most: PRECISION, counts: 'fraction' }));
    return exponential(value, digitsOf(Math.abs(value), { single, most: PRECISION + 1, counts: 'all' }));
  });
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
  const fraction = longest(parts.map((part) => part.fraction));
  const exponent = longest(parts.map((part) => part.exponent));
  const right = scientific ? fraction + 2 + exponent : fraction;
  let left = longest(parts.map((part) => part.whole));
  if (finite.length < values.length)
    left = Math.max(left, (values.includes(Number.NEGATIVE_INFINITY) ? 4 : 3) - right - 1);
  return (value) => {
    if (!Number.isFinite(value)) return special(value).padStart(left + right + 1);
    if (!scientific) {
      const part = positional(value, digitsOf(Math.abs(value), { single, most: PRECISION, counts: 'fraction' }));
      return `${part.whole.padStart(left)}.${part.fraction.padEnd(right)}`;
    }
    const count = fraction + 1;
    const part = exponential(value, digitsOf(Math.abs(value), { single, most: count, fewest: count, counts: 'all' }));
    const power = part.exponent.padStart(exponent, '0');
    return `${part.whole.padStart(left)}.${part.fraction.padEnd(fraction, '0')}e${part.sign}${power}`;
  };
}

interface Parts {
  readonly whole: string;
  readonly fraction: string;
  /** Sign and size of the exponent; of a number without one both are empty. */
  readonly sign: string;
  readonly exponent: string;
}

const isNegative = (value: number) => value < 0 || Object.is(value, -0);
const withoutZeros = (fraction: string) => fraction.replace(/0+$/, '');

function positional(value: number, { digits, exponent }: Digits): Parts {
  const text = digits.join('');
  const whole = exponent < 0 ? '0' : text.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = exponent < 0 ? '0'.repeat(-exponent - 1) + text : text.slice(exponent + 1);
  return { whole: (isNegative(value) ? '-' : '') + whole, fraction: withoutZeros(fraction), sign: '', exponent: '' };
}

function exponential(value: number, { digits: [first, ...rest], exponent }: Digits): Parts {
  return {
    whole: `${isNegative(value) ? '-' : ''}${first}`,
    fraction: withoutZeros(rest.join('')),
    sign: exponent < 0 ? '-' : '+',
    exponent: String(Math.abs(exponent)).padStart(2, '0'),
  };
}

const special = (value: number) => (Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf');

/** A number by itself, as numpy writes an array without axes: as few digits as tell it from its neighbours. */
function scalarText(value: number, kind: Kind): string {
  if (kind === 'bool') return value ? 'True' : 'False';
  if (kind === 'integer') return String(value);
  if (!Number.isFinite(value)) return special(value);
  const size = Math.abs(value);
  const digits = digitsOf(size, { single: kind === 'float32', counts: 'all' });
  if (size === 0 || (size >= 1e-4 && size < (kind === 'float32' ? 1e6 : 1e16))) {
    const { whole, fraction } = positional(value, digits);
    return `${whole}.${fraction || '0'}`;
  }
  const { whole, fraction, sign, exponent } = exponential(value, digits);
  return `${whole}${fraction && `.${fraction}`}e${sign}${exponent}`;
}
