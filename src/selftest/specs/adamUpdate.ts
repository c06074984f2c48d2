import { adamUpdate } from '../../index.ts';
import type { UpdateSpec } from '../update.ts';

const EPSILON = 1e-3; // large enough to be seen

export function adamUpdateSpec(decay: number): UpdateSpec {
  const alpha = (step: number) => ((0.1 / step) * Math.sqrt(1 - 0.99 ** step)) / (1 - 0.8 ** step);
  return {
    name: `adamUpdate, decay ${decay}`,
    slots: ['m', 'v'],
    append: (w, slots, dw, hyper) => adamUpdate(w, slots, dw, hyper, { beta1: 0.8, beta2: 0.99, epsilon: EPSILON }),
    hyper: (step) => [alpha(step), decay],
    rule: (state, g, step) => {
      const [m, v] = state.slots;
      state.slots = [0.8 * m! + 0.2 * g, 0.99 * v! + 0.01 * g * g];
      state.w -= decay * state.w;
      state.w -= (alpha(step) * state.slots[0]!) / (Math.sqrt(state.slots[1]!) + EPSILON);
    },
    tolerance: { error: 3e-6, why: '12 steps with a root and a division each, at weights of up to 2' },
  };
}

export const adamUpdateSpecs = [0, 0.02].map(adamUpdateSpec);
