import { sgdUpdate } from '../../index.ts';
import type { UpdateSpec } from '../update.ts';

/** The learning rate changes from step to step, because only then do the two common momentum formulas differ. */
const rate = (step: number) => 0.1 / step;

const shared = {
  hyper: (step: number) => [rate(step)],
  tolerance: { error: 2e-6, why: '12 steps with a few roundings each, at weights of up to 4' },
};

export const sgdUpdateSpecs: readonly UpdateSpec[] = [
  {
    ...shared,
    name: 'sgdUpdate, plain',
    slots: [],
    append: (w, slots, dw, hyper) => sgdUpdate(w, slots, dw, hyper),
    rule: (state, g, step) => {
      state.w -= rate(step) * g;
    },
  },
  {
    ...shared,
    name: 'sgdUpdate, momentum',
    slots: ['velocity'],
    append: (w, slots, dw, hyper) => sgdUpdate(w, slots, dw, hyper, { momentum: 0.9 }),
    rule: (state, g, step) => {
      state.slots[0] = 0.9 * state.slots[0]! - rate(step) * g;
      state.w += state.slots[0];
    },
  },
  {
    ...shared,
    name: 'sgdUpdate, Nesterov momentum',
    slots: ['velocity'],
    append: (w, slots, dw, hyper) => sgdUpdate(w, slots, dw, hyper, { momentum: 0.75, nesterov: true }),
    rule: (state, g, step) => {
      state.slots[0] = 0.75 * state.slots[0]! - rate(step) * g;
      state.w += 0.75 * state.slots[0] - rate(step) * g;
    },
  },
];
