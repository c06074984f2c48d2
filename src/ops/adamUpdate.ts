import source from '../../shaders/adamUpdate.wgsl?raw';
import { checkOptions, type Kind } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { updateOp } from './update.ts';

export interface AdamUpdateOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

const update = updateOp<AdamUpdateOptions>({
  shader: { name: 'adamUpdate', source },
  entryPoint: 'update',
  slots: ['m', 'v'],
  constants: ({ beta1, beta2, epsilon }) => ({ RATE1: 1 - beta1, RATE2: 1 - beta2, EPSILON: epsilon }),
});

const OPTIONS = { beta1: 'decay', beta2: 'decay', epsilon: 'positive' } as const satisfies Record<
  keyof AdamUpdateOptions,
  Kind
>;

/**
 * A step of Adam or AdamW by Keras' formula: m += (1 - beta1)(dw - m), v += (1 - beta2)(dw^2 - v), then
 * w = w - decay w - alpha m / (sqrt(v) + epsilon).
 * @param w the variable
 * @param slots `[m, v]`, variables of w's shape
 * @param dw gradient, of w's shape
 * @param hyper f32 `[4]`: alpha = r sqrt(1 - beta2^t) / (1 - beta1^t) for the learning rate r in step t, counted from
 *   1; decay = r times the weight decay, 0 for Adam; and two numbers that are not used
 * @param scaling f32 `[2]`, the result of `lossScaling`: the gradient is multiplied by the first number, and if the
 *   second is 0, nothing is changed. Absent: the gradient is used unchanged
 * @throws ShapeError if shapes, or the number of slots, do not fit; ArgumentError if w or a slot is not a variable, or
 *   for options that do not exist or are out of range
 */
export function adamUpdate(
  w: Tensor,
  slots: readonly Tensor[],
  dw: Tensor,
  hyper: Tensor,
  options: AdamUpdateOptions,
  scaling?: Tensor,
): void {
  update(w, slots, dw, hyper, scaling, checkOptions('adamUpdate', options, OPTIONS, true));
}
