/** Options that the layers of augmentation have in common, and their checks. */
import { ArgumentError } from '../errors.ts';
import type { LayerOptions } from '../nn/layers/layer.ts';
import type { DrawRange } from '../ops/perExample.ts';
import { FILL_MODES, SAMPLINGS, type SamplingOptions } from '../ops/randomAffine.ts';
import { check, checkOneOf, isNumber } from '../options.ts';
import { shown } from '../shown.ts';

/** How far a draw may go: a number f for the range from -f to f, or `[least, largest]`. */
export type Factor = number | DrawRange;

/**
 * The range of a factor.
 * @param least the least value that may be drawn
 * @throws ArgumentError for what is no factor, or goes beyond `least` or 1
 */
export function rangeOf(what: string, name: string, factor: Factor, least = -1): DrawRange {
  const range = isNumber(factor) ? [-Math.abs(factor), Math.abs(factor)] : factor;
  const ok =
    Array.isArray(range) &&
    range.length === 2 &&
    range.every((value) => isNumber(value) && value >= least && value <= 1) &&
    range[0]! <= range[1]!;
  if (!ok)
    throw new ArgumentError(
      `${what}: ${name} must be a number, or [least, largest], from ${least} to 1, got ${shown(factor)}.`,
    );
  return range as unknown as DrawRange;
}

/** Options of layers that move pixels by parts of one. */
export interface MovingOptions extends LayerOptions, SamplingOptions {}

/** The options of the op. @throws ArgumentError for values that there are not */
export function samplingOf(
  what: string,
  { interpolation = 'bilinear', fillMode = 'reflect', fillValue = 0 }: MovingOptions,
): Required<SamplingOptions> {
  checkOneOf(what, 'interpolation', interpolation, SAMPLINGS);
  checkOneOf(what, 'fillMode', fillMode, FILL_MODES);
  check(what, 'fillValue', fillValue, 'number');
  return { interpolation, fillMode, fillValue };
}
