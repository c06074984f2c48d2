/** Numbers as people type them. */
import { minus } from '../format.ts';

export interface NumberRange {
  min: number;
  max: number;
  /** Only whole numbers. */
  whole: boolean;
}

/**
 * With a decimal point or comma, or as a fraction, `1/9`; a whole number with none of them; NaN for anything else, and for what is
 * out of the range.
 */
export function readNumber(text: string, { min, max, whole }: NumberRange): number {
  if (whole && /[.,/]/.test(text)) return Number.NaN;
  const parts = text.replace('−', '-').split('/');
  if (parts.length > 2 || !parts.every((part) => /^\s*[-+]?[\d.,]/.test(part))) return Number.NaN;
  const [above, below = 1] = parts.map((part) => Number(part.replace(',', '.')));
  const n = above! / below;
  return n >= min && n <= max && (!whole || Number.isInteger(n)) ? n : Number.NaN;
}

/** What a text that is no such number is answered with. */
export const refusal = (text: string, range: NumberRange) => `“${text}” was refused: type ${wantedNumber(text, range)}`;

/** What to type instead of a text that is no such number. */
export function wantedNumber(text: string, { min, max, whole }: NumberRange): string {
  const wanted = `${whole ? 'a whole number' : 'a number'} from ${minus(String(min))} to ${max}`;
  const separators = text.match(/[.,]/g)?.length ?? 0;
  if (whole) return separators > 0 ? `${wanted}, without points and commas` : wanted;
  return separators > 1 ? `${wanted}, with one decimal point or comma` : wanted;
}
