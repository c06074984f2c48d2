/** Spec of batchNormInference: cases and a float64 reference. */
import { batchNormInference } from '../../index.ts';
import { type Array64, map, randomArray, zeros } from '../arrays.ts';
import { type OpCase, opSpec } from '../spec.ts';

interface Params {
  readonly epsilon?: number;
  /** Added to x and to the mean, default 0. */
  readonly offset?: number;
}

const inverse = (variance: Array64, k: number, { epsilon = 1e-3 }: Params) =>
  1 / Math.sqrt(variance.data[k]! + epsilon);

const opCase = (why: string, x: readonly number[], params: Params = {}): OpCase<Params> => {
  const c = x[x.length - 1]!;
  return { why, shapes: [x, [c], [c], [c], [c]], params };
};

export const batchNormInferenceSpec = opSpec<Params>({
  name: 'batchNormInference',
  cases: [
    opCase('one value', [1, 1]),
    opCase('no axis but the channels', [5]),
    opCase('dense, one channel, partial vec4', [7, 1]),
    opCase('dense, 33 channels', [5, 33]),
    opCase('images, three channels', [3, 5, 7, 3]),
    opCase('images, five channels, another epsilon', [2, 3, 5, 5], { epsilon: 0.5 }),
    opCase('images, 16 channels', [2, 9, 7, 16]),
    opCase('tiles of more than one group', [3, 62, 61, 4]),
    opCase('more channels than a workgroup', [301, 130]),
    opCase('a large mean does not cancel', [9, 3], { offset: 1024 }),
  ],
  inputs: (shapes, random, { offset = 0 }) => {
    const [x, gamma, beta, mean, variance] = shapes.map((shape) => randomArray(shape, random));
    const shift = (v: number) => Math.fround(v + offset);
    return [map(x!, shift), gamma!, beta!, map(mean!, shift), map(variance!, Math.abs)];
  },
  build: ([x, gamma, beta, mean, variance], { epsilon }) =>
    batchNormInference(x!, gamma!, beta!, mean!, variance!, epsilon === undefined ? {} : { epsilon }),
  forward: ([x, gamma, beta, mean, variance], params) => {
    const c = gamma!.data.length;
    return map(x!, (v, i) => {
      const k = i % c;
      return (v - mean!.data[k]!) * inverse(variance!, k, params) * gamma!.data[k]! + beta!.data[k]!;
    });
  },
  backward: ([x, gamma, , mean, variance], dy, params) => {
    const c = gamma!.data.length;
    const dgamma = zeros([c]);
    const dbeta = zeros([c]);
    dy.data.forEach((d, i) => {
      const k = i % c;
      dgamma.data[k]! += d * (x!.data[i]! - mean!.data[k]!) * inverse(variance!, k, params);
      dbeta.data[k]! += d;
    });
    const dx = map(dy, (d, i) => d * gamma!.data[i % c]! * inverse(variance!, i % c, params));
    return [dx, dgamma, dbeta, undefined, undefined];
  },
  tolerance: {
    forward: { error: 2e-6, why: 'a root, a division and a few products' },
    backward: { error: 2e-5, why: 'sums of some thousand terms in float32' },
  },
});
