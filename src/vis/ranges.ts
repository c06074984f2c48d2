/** Which numbers the colours of feature maps span. */
import { diverging, grey, heat, type Palette, type Range, rangeOf } from './colormap.ts';

export interface Look {
  colors: Palette;
  range: Range;
  /** Smallest of the numbers. */
  low: number;
}

/** Brighter is more, where nothing is negative; else violet and green around zero. */
export function lookOf(data: ArrayLike<number>): Look {
  const { low, high } = rangeOf(data);
  const most = Math.max(-low, high) || 1;
  if (low < 0) return { colors: diverging, range: { low: -most, high: most }, low };
  return { colors: high > 0 ? heat : grey, range: { low: 0, high: most }, low };
}

/**
 * Of each channel its own range, around zero where all of them are drawn so.
 * @param data `[height, width, channels]`
 */
export function channelRanges(data: ArrayLike<number>, channels: number, signed: boolean): Range[] {
  const most = new Float32Array(channels);
  for (let i = 0, c = 0; i < data.length; i++) {
    const size = Math.abs(data[i]!);
    if (size > most[c]!) most[c] = size;
    c = c + 1 === channels ? 0 : c + 1;
  }
  return Array.from(most, (size) => ({ low: signed ? -size : 0, high: size || 1 }));
}

/**
 * Channels that have any number but 0, and those that have none, both in their order: behind a relu the latter are dead.
 * @param data `[height, width, channels]`
 */
export function livingChannels(data: ArrayLike<number>, channels: number): { living: number[]; dead: number[] } {
  const fires = new Uint8Array(channels);
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) fires[i % channels] = 1;
  const all = [...fires.keys()];
  return { living: all.filter((c) => fires[c]), dead: all.filter((c) => !fires[c]) };
}

export interface MapSummary extends Range {
  mean: number;
  /** Part of the values that are exactly zero. */
  zeros: number;
}

export function summaryOf(values: ArrayLike<number>): MapSummary {
  let sum = 0;
  let zeros = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    if (values[i] === 0) zeros++;
  }
  const count = values.length || 1;
  return { ...rangeOf(values), mean: sum / count, zeros: zeros / count };
}
