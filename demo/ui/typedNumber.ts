/** Numbers as people type them. */

export interface NumberRange {
  min: number;
  max: number;
  /** Only whole numbers. */
  whole: boolean;
}

/** With a decimal point or comma, a whole number with neither; NaN for anything else, and for what is out of the range. */
export function readNumber(text: string, { min, max, whole }: NumberRange): number {
  if (!/^\s*[-+]?[\d.,]/.test(text) || (whole && /[.,]/.test(text))) return Number.NaN;
  const n = Number(text.replace(',', '.'));
  return n >= min && n <= max && (!whole || Number.isInteger(n)) ? n : Number.NaN;
}

/** What to type instead of a text that is no such number. */
export function wantedNumber(text: string, { min, max, whole }: NumberRange): string {
  const wanted = `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  const separators = text.match(/[.,]/g)?.length ?? 0;
  if (whole) return separators > 0 ? `${wanted}, without points and commas` : wanted;
  return separators > 1 ? `${wanted}, with one decimal point or comma` : wanted;
}
