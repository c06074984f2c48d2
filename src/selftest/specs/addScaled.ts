import { addScaled } from '../../index.ts';
import type { UpdateSpec } from '../update.ts';

const factor = (step: number) => (step % 3) / 4 - 0.25;

export const addScaledSpecs: readonly UpdateSpec[] = [
  {
    name: 'addScaled',
    slots: [],
    count: 1,
    append: (sum, _slots, x, factor) => addScaled(sum, x, factor),
    hyper: (step) => [factor(step)],
    rule: (state, x, step) => {
      state.w += factor(step) * x;
    },
    tolerance: { error: 2e-6, why: '12 steps with two roundings each, of sums of up to 4' },
  },
];
