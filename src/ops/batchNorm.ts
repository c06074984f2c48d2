/** What the two batch normalizations share: the checks, and how their shaders walk a tensor by channels. */
import { ShapeError } from '../errors.ts';
import { expectDType } from '../graph.ts';
import { checkOptions } from '../options.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s } from './elementwise.ts';

/** With fewer invocations than this a device is not busy. */
const ENOUGH_INVOCATIONS = 8192;
/** A tile this long makes the loads of the channel's numbers cheap beside those of the data. */
const LONGEST_TILE = 16;

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-3, as in Keras. */
  readonly epsilon?: number;
}

/** @throws ShapeError where x is not f32 or one of `perChannel` is not f32 of x's last axis */
export function checkChannels(what: string, x: Tensor, perChannel: Readonly<Record<string, Tensor>>): void {
  expectDType(what, x, 'f32');
  const shape = x.shape.slice(-1);
  for (const [name, tensor] of Object.entries(perChannel)) {
    expectDType(`${what}: ${name}`, tensor, 'f32');
    if (!sameShape(tensor.shape, shape)) {
      throw new ShapeError(
        `${what}: ${name} must have shape ${formatShape(shape)}, the last axis of x ${formatShape(x.shape)}, ` +
          `got ${formatShape(tensor.shape)}.`,
      );
    }
  }
}

/** @throws ArgumentError for an option that does not exist, and unless epsilon is finite and above 0 */
export function epsilonOf(what: string, options: BatchNormOptions): number {
  return checkOptions(what, options, { epsilon: 'positive' }).epsilon ?? 1e-3;
}

/** `x [..., c]` as vec4s: groups of `Q`, such that each vec4 of a group always meets the same channels. */
export interface ChannelGroups {
  /** Vec4s of the tensor. */
  readonly N: number;
  readonly C: number;
  /** Vec4s of a group: lcm(C, 4) / 4. */
  readonly Q: number;
  /** Groups, the last one possibly not full. */
  readonly GROUPS: number;
}

export function channelGroups(x: Tensor): ChannelGroups {
  const C = x.shape[x.shape.length - 1]!;
  const Q = C % 4 === 0 ? C / 4 : C % 2 === 0 ? C / 2 : C;
  return { N: vec4s(x), C, Q, GROUPS: Math.ceil(elements(x.shape) / (4 * Q)) };
}

/** Parts that the groups are cut into, and groups of a part. */
export interface Cut {
  readonly count: number;
  readonly length: number;
}

/** For element-wise work: short enough to keep a device busy. */
export function tiles({ Q, GROUPS }: ChannelGroups): Cut {
  const length = Math.min(LONGEST_TILE, Math.ceil((GROUPS * Q) / ENOUGH_INVOCATIONS));
  return { count: Math.ceil(GROUPS / length), length };
}

/**
 * For sums over all groups in two steps: about as many chunks as a chunk has groups, which makes the longest chain of
 * additions, the time that a wide device waits for, as short as two steps can.
 */
export function chunks({ GROUPS }: ChannelGroups): Cut {
  const length = Math.ceil(Math.sqrt(GROUPS));
  return { count: Math.ceil(GROUPS / length), length };
}
