import source from '../../shaders/sgdUpdate.wgsl?raw';
import { apply } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import { updateOp } from './update.ts';

const shader = { name: 'sgdUpdate', source };

export interface SgdUpdateOptions {
  /** Default 0, which needs no slot. */
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

/**
 * A step of gradient descent by Keras' formula: velocity = momentum velocity - r dw, then w += velocity, or with Nesterov
 * momentum w += momentum velocity - r dw.
 * @param w the variable
 * @param slots none without momentum, else `[velocity]`, a variable of w's shape
 * @param dw gradient, of w's shape
 * @param hyper f32 `[4]`: the learning rate r, and three numbers that are not used
 * @throws ShapeError where shapes, or the number of slots, do not fit; ArgumentError where w or a slot is no variable
 */
export function sgdUpdate(
  w: Tensor,
  slots: readonly Tensor[],
  dw: Tensor,
  hyper: Tensor,
  { momentum = 0, nesterov = false }: SgdUpdateOptions = {},
): void {
  const op = momentum === 0 ? plain : nesterov ? nesterovMomentum : withMomentum;
  apply(op, [w, ...slots, dw, hyper], { momentum });
}
