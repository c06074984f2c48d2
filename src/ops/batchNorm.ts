/** Shared by the two batch normalizations: the checks, and how their shaders divide a tensor among invocations by channel. */
import { ShapeError } from '../errors.ts';
import { expectDType } from '../graph.ts';
import { checkOptions } from '../options.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s } from './elementwise.ts';

/** Fewer invocations than this do not keep a device busy. */
const ENOUGH_INVOCATIONS = 8192;
/**
 * Longest tile, in groups. From this length on, loading the channel's numbers costs little compared with loading the
 * data.
 */
const LONGEST_TILE = 16;

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-3, as in Keras. */
  readonly epsilon?: number;
}

/** @throws ShapeError if x is not f32 or one of `perChannel` is not f32 of x's last axis */
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

/** `x [..., c]` as vec4s in groups of `Q`, so that the vec4 at each place in a group always holds the same channels. */
export interface ChannelGroups {
  /** Number of vec4s of the tensor. */
  readonly N: number;
  /** Number of channels. */
  readonly C: number;
  /** Number of vec4s of a group: lcm(C, 4) / 4. */
  readonly Q: number;
  /** Number of groups. The last one may be incomplete. */
  readonly GROUPS: number;
}

export function channelGroups(x: Tensor): ChannelGroups {
  const C = x.shape[x.shape.length - 1]!;
  const Q = C % 4 === 0 ? C / 4 : C % 2 === 0 ? C / 2 : C;
  return { N: vec4s(x), C, Q, GROUPS: Math.ceil(elements(x.shape) / (4 * Q)) };
}

/** How the groups are divided: the number of parts, and the number of groups in a part. */
export interface Cut {
  readonly count: number;
  readonly length: number;
}

/** The division for element-wise work: parts short enough that there are enough invocations to keep a device busy. */
export function tiles({ Q, GROUPS }: ChannelGroups): Cut {
  const length = Math.min(LONGEST_TILE, Math.ceil((GROUPS * Q) / ENOUGH_INVOCATIONS));
  return { count: Math.ceil(GROUPS / length), length };
}

/**
 * The division for sums over all groups in two steps: about as many chunks as a chunk has groups. This gives the
 * shortest chain of dependent additions that two steps can have, and a GPU with many cores waits for this chain.
 */
export function chunks({ GROUPS }: ChannelGroups): Cut {
  const length = Math.ceil(Math.sqrt(GROUPS));
  return { count: Math.ceil(GROUPS / length), length };
}
