import { rmspropUpdate } from '../../index.ts';
import type { State, UpdateSpec } from '../update.ts';

const EPSILON = 1e-3; // large enough to be seen
const RHO = 0.7;
const rate = (step: number) => 0.1 / step;

interface Variant {
  readonly centered: boolean;
  readonly momentum: number;
}

/** Keras' formula; slots are velocity, momentum if any, average if centered. */
function rule({ centered, momentum }: Variant) {
  return (state: State, g: number, step: number) => {
    const { slots } = state;
    slots[0] = RHO * slots[0]! + (1 - RHO) * g * g;
    let denominator = slots[0] + EPSILON;
    if (centered) {
      const last = slots.length - 1;
      slots[last] = RHO * slots[last]! + (1 - RHO) * g;
      denominator -= slots[last] ** 2;
    }
    let move = (rate(step) * g) / Math.sqrt(denominator);
    if (momentum > 0) {
      slots[1] = momentum * slots[1]! + move;
      move = slots[1];
    }
    state.w -= move;
  };
}

function rmspropUpdateSpec(variant: Variant): UpdateSpec {
  const { centered, momentum } = variant;
  return {
    name: `rmspropUpdate, centered ${centered}, momentum ${momentum}`,
    slots: ['velocity', ...(momentum > 0 ? ['momentum'] : []), ...(centered ? ['average'] : [])],
    append: (w, slots, dw, hyper) => rmspropUpdate(w, slots, dw, hyper, { ...variant, rho: RHO, epsilon: EPSILON }),
    hyper: (step) => [rate(step)],
    rule: rule(variant),
    tolerance: { error: 5e-6, why: '12 steps with a root and a division each, at weights of up to 10' },
  };
}

export const rmspropUpdateSpecs = [false, true].flatMap((centered) =>
  [0, 0.8].map((momentum) => rmspropUpdateSpec({ centered, momentum })),
);
