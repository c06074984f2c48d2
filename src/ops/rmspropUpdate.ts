/** The update of the optimizer RMSprop, in four variants: with and without momentum, centered or not. */
import source from '../../shaders/rmspropUpdate.wgsl?raw';
import { checkOptions, type Kind } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { updateOp } from './update.ts';

const shader = { name: 'rmspropUpdate', source };

export interface RmspropUpdateOptions {
  readonly rho: number;
  /** With 0 there is no slot for the momentum. */
  readonly momentum: number;
  readonly epsilon: number;
  /** Whether to divide by the deviation from a running mean, instead of from 0. */
  readonly centered: boolean;
}

const variant = (entryPoint: string, slots: readonly string[]) =>
  updateOp<RmspropUpdateOptions>({
    shader,
    entryPoint,
    slots,
    constants: ({ rho, momentum, epsilon }) => ({
      RHO: rho,
      ONE_MINUS_RHO: 1 - rho,
      MOMENTUM: momentum,
      EPSILON: epsilon,
    }),
  });

const plain = variant('plain', ['velocity']);
const plainMomentum = variant('plainMomentum', ['velocity', 'momentum']);
const centeredOnly = variant('centered', ['velocity', 'average']);
const centeredMomentum = variant('centeredMomentum', ['velocity', 'momentum', 'average']);

const OPTIONS = {
  rho: 'decay',
  momentum: 'fraction',
  epsilon: 'positive',
  centered: 'boolean',
} as const satisfies Record<keyof RmspropUpdateOptions, Kind>;

/**
 * A step of RMSprop by Keras' formula, with epsilon inside the root: velocity = rho velocity + (1 - rho) dw^2, then w
 * -= r dw / sqrt(velocity + epsilon), or with momentum w -= momentum slot.
 * @param w the variable
 * @param slots `[velocity]`, then the momentum if there is one, then the average gradient if centered; variables of w's
 *   shape
 * @param dw gradient, of w's shape
 * @param hyper f32 `[4]`: the learning rate r, and three numbers that are not used
 * @param scaling f32 `[2]`, the result of `lossScaling`: the gradient is multiplied by the first number, and if the
 *   second is 0, nothing is changed. Absent: the gradient is used unchanged
 * @throws ShapeError if shapes, or the number of slots, do not fit; ArgumentError if w or a slot is not a variable, or
 *   for options that do not exist or are out of range
 */
export function rmspropUpdate(
  w: Tensor,
  slots: readonly Tensor[],
  dw: Tensor,
  hyper: Tensor,
  options: RmspropUpdateOptions,
  scaling?: Tensor,
): void {
  checkOptions('rmspropUpdate', options, OPTIONS, true);
  const [withMomentum, without] = options.centered ? [centeredMomentum, centeredOnly] : [plainMomentum, plain];
  const update = options.momentum > 0 ? withMomentum : without;
  update(w, slots, dw, hyper, scaling, options);
}
