import source from '../../shaders/sgdUpdate.wgsl?raw';
import { checkOptions, type Kind } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { updateOp } from './update.ts';

const shader = { name: 'sgdUpdate', source };

export interface SgdUpdateOptions {
  /** Default 0, without a slot. */
  readonly momentum?: number;
  /** Default false. */
  readonly nesterov?: boolean;
}

interface Attributes {
  readonly momentum: number;
}

const constants = ({ momentum }: Attributes) => ({ MOMENTUM: momentum });
const plain = updateOp({ shader, entryPoint: 'plain', slots: [], constants });
const withMomentum = updateOp({ shader, entryPoint: 'momentum', slots: ['velocity'], constants });
const nesterovMomentum = updateOp({ shader, entryPoint: 'nesterov', slots: ['velocity'], constants });

const OPTIONS = { momentum: 'fraction', nesterov: 'boolean' } as const satisfies Record<keyof SgdUpdateOptions, Kind>;

/**
 * A step of gradient descent by Keras' formula: velocity = momentum velocity - r dw, then w += velocity, or with
 * Nesterov momentum w += momentum velocity - r dw.
 * @param w the variable
 * @param slots none without momentum, else `[velocity]`, a variable of w's shape
 * @param dw gradient, of w's shape
 * @param hyper f32 `[4]`: the learning rate r, and three numbers that are not used
 * @param scaling f32 `[2]`, the result of `lossScaling`: the gradient is multiplied by the first number, and if the
 *   second is 0, nothing is changed. Absent: the gradient is used unchanged
 * @throws ShapeError if shapes, or the number of slots, do not fit; ArgumentError if w or a slot is not a variable, or
 *   for options that do not exist or are out of range
 */
export function sgdUpdate(
  w: Tensor,
  slots: readonly Tensor[],
  dw: Tensor,
  hyper: Tensor,
  options: SgdUpdateOptions = {},
  scaling?: Tensor,
): void {
  const { momentum = 0, nesterov = false } = checkOptions('sgdUpdate', options, OPTIONS);
  const update = momentum === 0 ? plain : nesterov ? nesterovMomentum : withMomentum;
  update(w, slots, dw, hyper, scaling, { momentum });
}
