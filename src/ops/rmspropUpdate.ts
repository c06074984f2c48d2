import source from '../../shaders/rmspropUpdate.wgsl?raw';
import { checkOptions, type Kind } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { updateOp } from './update.ts';

const shader = { name: 'rmspropUpdate', source };

export interface RmspropUpdateOptions {
  readonly rho: number;
  /** 0 needs no slot. */
  readonly momentum: number;
  readonly epsilon: number;
  /** Divide by the deviation from a running mean, rather than from 0. */
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
 * A step of RMSprop by Keras' formula, with epsilon inside the root: velocity = rho velocity + (1 - rho) dw^2, then
 * w -= r dw / sqrt(velocity + epsilon), or with momentum w -= momentum slot.
 * @param w the variable
 * @param slots `[velocity]`, then the momentum if there is one, then the average gradient if centered; variables of w's shape
 * @param dw gradient, of w's shape
 * @param hyper f32 `[4]`: the learning rate r, and three numbers that are not used
 * @param scaling f32 `[2]`, as `lossScaling` gives it: the gradient counts times the first number, and where the second is 0
 *   nothing is changed. Absent: the gradient counts as it is
 * @throws ShapeError where shapes, or the number of slots, do not fit; ArgumentError where w or a slot is no variable, or for
 *   options that do not exist or are out of range
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
