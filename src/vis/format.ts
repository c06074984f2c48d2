/** Numbers as people read them. */

const whole = new Intl.NumberFormat('en-US');

/** With a minus sign that is as wide as a plus, for people; an exponent keeps its own. */
export const minus = (text: string): string => text.replace(/^-/, '−');

/** `62,338`. */
export const formatCount = (n: number): string => minus(whole.format(Math.round(n)));

/** `98.5 %`. */
export const formatPercent = (part: number, digits = 1): string =>
  Number.isFinite(part) ? `${(100 * part).toFixed(digits)} %` : '–';

/** A loss or another small number, always as wide: `0.6931`; one that has run away: `3.5e+7`. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–';
  return minus(Math.abs(value) < 1e4 ? value.toFixed(digits) : value.toExponential(1));
}

/** A number at a chart's axis, short: `0.25`, `20,000`, `2.5e+8`. */
export const formatTick = (value: number): string =>
  minus(
    Math.abs(value) < 1
      ? String(Number(value.toPrecision(3)))
      : Math.abs(value) < 1e5
        ? whole.format(value)
        : Number(value.toPrecision(3)).toExponential(),
  );

/** Two digits that count: `0.012`, `1234`, `−2.5e+25`. */
export const formatShort = (value: number): string =>
  minus(
    Math.abs(value) >= 1e5 ? value.toExponential(1) : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(2),
  );

/** `128 × 128 × 1`. */
export const formatShape = (shape: readonly number[]): string => shape.map(formatCount).join(' × ');
