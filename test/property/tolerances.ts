/**
 * What is allowed of an op's random cases, as |got - want| / max(1, |want|): what its spec says, but where random shapes make longer
 * sums than the spec's cases. A sum of K products up to 1, one after the other, is off by some 8e-9 K (a random walk whose steps are
 * roundings of 3e-8 of partial sums that walk themselves); the worst of thousands of such sums by five times that, 4e-8 K.
 */
import type { Tolerance } from '../../src/selftest/arrays.ts';
import type { OpSpec } from '../../src/selftest/spec.ts';
import { ORACLE } from '../support/oracle.ts';

type Tolerances = OpSpec<unknown>['tolerance'];

const taps: Tolerance = { error: 5e-5, why: 'sums of up to 1250 products over taps and channels' };
const pixels: Tolerance = { error: 1e-4, why: 'sums of up to 2500 products over pixels' };
/** Rounded some 60 times twice, where partial sums are up to 40, which float32 knows to 2e-6. */
const parts: Tolerance = { error: 1.5e-5, why: 'sums of up to 4000 terms, in parts' };
/** What the activations alone are allowed, at sums that are well above 1 as well. */
const activated: Tolerance = { error: 1e-6, why: 'sums of sixteenths are exact; an exp, a division' };
const rounding: Tolerance = { error: 1e-7, why: 'one rounding' };

const OFFSET = 'batchNormTraining, mean 1000 and standard deviation about 1';

const WIDER: Readonly<Record<string, Tolerances>> = {
  add: { forward: rounding, backward: parts },
  mul: { forward: rounding, backward: parts },
  biasAdd: { forward: rounding, backward: parts },
  broadcastTo: { forward: rounding, backward: parts },
  sumTo: { forward: parts },
  matmul: {
    forward: { error: 4e-5, why: 'sums of up to 1000 products' },
    backward: { error: 8e-6, why: 'sums of up to 140 products' },
  },
  conv2d: { forward: taps, backward: pixels },
  'conv2d, sizes about those of tiles': { forward: taps, backward: pixels },
  conv2dInputGrad: { forward: taps, backward: pixels },
  conv2dFilterGrad: { forward: pixels, backward: taps },
  conv2dTranspose: { forward: taps, backward: pixels },
  'conv2d with bias and activation': { forward: activated, backward: pixels },
  'matmul with bias and activation': { forward: activated, backward: taps },
  conv2dMaxPool: { forward: { error: 0, why: 'sums of sixteenths are exact' }, backward: pixels },
  [OFFSET]: {
    forward: { error: 6e-5, why: 'the mean rounded to float32 is off by up to 3e-5 of a standard deviation' },
    backward: { error: 1e-3, why: 'so is each xhat, all to the same side, in sums of 64 gradients up to 1' },
  },
};

export function toleranceOf({ name, tolerance }: OpSpec<unknown>): Tolerances {
  return WIDER[name] ?? tolerance;
}

/** What is allowed between the reference and TensorFlow.js. */
export function oracleTolerance({ name }: OpSpec<unknown>): Tolerance {
  // Its mean is rounded as well.
  return name === OFFSET ? WIDER[OFFSET]!.backward! : ORACLE;
}
