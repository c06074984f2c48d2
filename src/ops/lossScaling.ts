/**
 * Dynamic loss scaling for mixed precision: the loss is multiplied by a scale so that small gradients do not become 0
 * in f16; the scale is adapted to keep gradients finite.
 */
import source from '../../shaders/lossScaling.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply, type Dispatch, expectDType, flatGrid, type Op } from '../graph.ts';
import { check, checkOptions } from '../options.ts';
import { elements, formatShape, type Tensor, type Variable } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';

const shader = { name: 'lossScaling', source };

/** Number of gradients that one dispatch checks. With the flags, every device has enough bindings for them. */
const AT_ONCE = 6;
/** Least number of elements that an invocation checks. */
const FEWEST_ELEMENTS = 64;
/** Largest number of invocations: this many keep a device busy. */
const MOST_PARTS = 8192;

/** Limits of the scale, which keep it and its inverse far from the limits of f32. */
const [SMALLEST, LARGEST] = [2 ** -24, 2 ** 24];

/** State of the loss scale, which is kept from step to step. */
export interface LossScale {
  /** f32 `[1]`: the factor of the loss before its gradients are computed, a power of two. */
  readonly scale: Variable;
  /** f32 `[1]`: number of steps since the scale was changed. */
  readonly steps: Variable;
}

export interface LossScalingOptions {
  /** Number of consecutive steps with finite gradients after which the scale doubles. Default 2000. */
  readonly interval?: number;
}

/** @param initial a power of two; default 2^15 */
export function lossScale(initial = 2 ** 15): LossScale {
  check('lossScale', 'initial', initial, 'positive');
  const value = (name: string, number: number): Variable => {
    return { name: `lossScaling/${name}`, shape: [1], dtype: 'f32', initial: () => Float32Array.of(number) };
  };
  return { scale: value('scale', initial), steps: value('steps', 0) };
}

interface Group {
  readonly gradients: readonly Tensor[];
  readonly parts: number;
  /** Index of its first flag. */
  readonly offset: number;
}

function groupsOf(gradients: readonly Tensor[]): Group[] {
  const groups: Group[] = [];
  let offset = 0;
  for (let first = 0; first < gradients.length; first += AT_ONCE) {
    const group = gradients.slice(first, first + AT_ONCE);
    const most = Math.max(...group.map(({ shape }) => elements(shape)));
    const parts = Math.min(Math.ceil(most / FEWEST_ELEMENTS), MOST_PARTS);
    groups.push({ gradients: group, parts, offset });
    offset += parts;
  }
  return groups;
}

function flagsOf(gradients: readonly Tensor[]): number {
  const last = groupsOf(gradients).at(-1)!;
  return last.offset + last.parts;
}

/** Inputs `scale, steps` and gradients. */
const op: Op<Required<LossScalingOptions>> = {
  name: 'lossScaling',
  mutates: [0, 1],
  outputs: ([scale, steps, ...gradients]) => {
    if (gradients.length === 0) throw new ArgumentError('lossScaling: there are no gradients.');
    for (const gradient of gradients) expectDType('lossScaling', gradient, 'f32');
    for (const [name, tensor] of [
      ['scale', scale!],
      ['steps', steps!],
    ] as const) {
      expectDType('lossScaling', tensor, 'f32');
      if (elements(tensor.shape) !== 1) {
        throw new ShapeError(`lossScaling: ${name} must be [1], got ${formatShape(tensor.shape)}.`);
      }
    }
    return [
      { shape: [2], name: 'scaling' },
      { shape: [1], name: 'inverse' },
    ];
  },
  scratch: ([, , ...gradients]) => [{ shape: [flagsOf(gradients)], dtype: 'u32', name: 'flags' }],
  dispatches: ({ inputs, outputs: [scaling, inverse], scratch: [flags], attributes: { interval } }) => {
    const [scale, steps, ...gradients] = inputs as [Tensor, Tensor, ...Tensor[]];
    const checks = groupsOf(gradients).map(({ gradients: group, parts, offset }): Dispatch => {
      const slots = Array.from({ length: AT_ONCE }, (_, j) => j);
      const sizes = slots.map((j) => [`N${j}`, group[j] ? elements(group[j].shape) : 0]);
      return {
        shader,
        entryPoint: 'check',
        constants: { PARTS: parts, OFFSET: offset, ...Object.fromEntries(sizes) },
        reads: Object.fromEntries(slots.map((j) => [`g${j}`, group[j] ?? group[0]!])),
        writes: { flags: flags! },
        workgroups: flatGrid(parts, WORKGROUP),
      };
    });
    return [
      ...checks,
      {
        shader,
        entryPoint: 'finish',
        constants: { FLAGS: flags!.shape[0]!, INTERVAL: interval, SMALLEST, LARGEST },
        reads: { flags_saved: flags! },
        writes: { scale, steps, scaling: scaling!, inverse: inverse! },
        workgroups: [1, 1, 1],
      },
    ];
  },
};

/**
 * Dynamic loss scaling (https://arxiv.org/abs/1710.03740, section 3.2; the numbers are those of Keras'
 * LossScaleOptimizer). It checks whether all gradients of the scaled loss are finite, and sets the scale of the next
 * step: halved if they are not, doubled after `interval` steps in which they were. The scale stays within 2^-24 to
 * 2^24. Part of an update: has no gradient.
 * @param scale variable f32 `[1]`, as `lossScale()` describes it; the upstream gradient of the loss
 * @param steps variable f32 `[1]`
 * @param gradients of the scaled loss, of any shapes
 * @returns `scaling`, f32 `[2]`, for the optimizer's updates: the factor for the gradients, and 1 if they are finite,
 *   otherwise 0; and `inverse`, f32 `[1]`, the first of the two numbers
 * @throws ArgumentError without gradients, or if the interval is not an integer of at least 1; ShapeError if inputs do
 *   not fit
 */
export function lossScaling(
  scale: Tensor,
  steps: Tensor,
  gradients: readonly Tensor[],
  options: LossScalingOptions = {},
): { readonly scaling: Tensor; readonly inverse: Tensor } {
  check('lossScaling', 'gradients', gradients, 'list');
  const { interval = 2000 } = checkOptions('lossScaling', options, { interval: 'count' });
  const [scaling, inverse] = apply(op, [scale, steps, ...gradients], { interval });
  return { scaling: scaling!, inverse: inverse! };
}
