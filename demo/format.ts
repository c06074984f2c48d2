/** Numbers as people read them. */

const whole = new Intl.NumberFormat('en-US');

/** `62,338`. */
export const formatCount = (n: number) => whole.format(Math.round(n));

/** `98.5 %`. */
export const formatPercent = (part: number, digits = 1) =>
  Number.isFinite(part) ? `${(100 * part).toFixed(digits)} %` : '–';

/** `190.6 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

/** `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return `${Math.max(0, Math.ceil(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `850 µs`, `12.3 ms`. */
export function formatMicroseconds(microseconds: number): string {
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  const ms = microseconds / 1000;
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** `128 × 128 × 1`. */
export const formatShape = (shape: readonly number[]) => shape.join(' × ');

/** A loss or another small number, always as wide: `0.6931`; one that has run away: `3.5e+7`. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) < 1e4 ? value.toFixed(digits) : value.toExponential(1);
}

/** A number at a chart's axis, short: `0.25`, `20,000`, `2.5e+8`. */
export const formatTick = (value: number) =>
  Math.abs(value) < 1
    ? String(Number(value.toPrecision(3)))
    : Math.abs(value) < 1e5
      ? whole.format(value)
      : Number(value.toPrecision(3)).toExponential();

/** Two digits that count: `0.012`, `1234`, `-2.5e+25`. */
export const formatShort = (value: number) =>
  Math.abs(value) >= 1e5 ? value.toExponential(1) : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(2);

export const plural = (n: number, one: string, many = `${one}s`) => `${formatCount(n)} ${n === 1 ? one : many}`;
