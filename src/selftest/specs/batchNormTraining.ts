/** Spec of batchNormTraining: cases, partial batches included, and a float64 reference. */
import { batchNormTraining } from '../../index.ts';
import { type Array64, array64, map, randomArray, zeros } from '../arrays.ts';
import { type OpCase, type OpSpec, opSpec } from '../spec.ts';

export interface Params {
  /** Number of entries of axis 0 that are not padding. */
  readonly rows: number;
  readonly epsilon?: number;
  /** Mean of x, default 0. */
  readonly offset?: number;
}

/** x as [values, c], and the number of values that are not padding. */
function view(x: Array64, rows: number): { c: number; values: number } {
  const c = x.shape[x.shape.length - 1]!;
  return { c, values: (Math.min(rows, x.shape[0]!) * x.data.length) / (x.shape[0]! * c) };
}

export function statistics(x: Array64, rows: number): { mean: Float64Array; variance: Float64Array } {
  const { c, values } = view(x, rows);
  const mean = new Float64Array(c);
  const variance = new Float64Array(c);
  for (let p = 0; p < values; p++) for (let k = 0; k < c; k++) mean[k]! += x.data[p * c + k]! / values;
  for (let p = 0; p < values; p++) {
    for (let k = 0; k < c; k++) variance[k]! += (x.data[p * c + k]! - mean[k]!) ** 2 / values;
  }
  return { mean, variance };
}

function normalized(x: Array64, { rows, epsilon = 1e-3 }: Params): { xhat: Array64; inverse: Float64Array } {
  const { c, values } = view(x, rows);
  const { mean, variance } = statistics(x, rows);
  const inverse = variance.map((v) => 1 / Math.sqrt(v + epsilon));
  const xhat = map(x, (v, i) => (i < values * c ? (v - mean[i % c]!) * inverse[i % c]! : 0));
  return { xhat, inverse };
}

function forward([x, gamma, beta]: readonly Array64[], params: Params): Array64 {
  const { c, values } = view(x!, params.rows);
  const { xhat } = normalized(x!, params);
  return map(xhat, (v, i) => (i < values * c ? v * gamma!.data[i % c]! + beta!.data[i % c]! : 0));
}

function backward([x, gamma]: readonly Array64[], dy: Array64, params: Params): (Array64 | undefined)[] {
  const { c, values } = view(x!, params.rows);
  const { xhat, inverse } = normalized(x!, params);
  const dgamma = zeros([c]);
  const dbeta = zeros([c]);
  for (let i = 0; i < values * c; i++) {
    dgamma.data[i % c]! += dy.data[i]! * xhat.data[i]!;
    dbeta.data[i % c]! += dy.data[i]!;
  }
  const dx = map(dy, (d, i) => {
    const k = i % c;
    if (i >= values * c) return 0;
    const centred = d - dbeta.data[k]! / values - (xhat.data[i]! * dgamma.data[k]!) / values;
    return gamma!.data[k]! * inverse[k]! * centred;
  });
  return [dx, dgamma, dbeta, undefined];
}

const shared: Omit<OpSpec<Params>, 'name' | 'cases' | 'tolerance'> = {
  dtypes: ['f32', 'f32', 'f32', 'u32'],
  inputs: ([x, gamma, beta], random, { rows, offset = 0 }) => [
    map(randomArray(x!, random), (v) => Math.fround(2 * v + offset)),
    randomArray(gamma!, random),
    randomArray(beta!, random),
    array64([1], [rows]),
  ],
  build: ([x, gamma, beta, rows], { epsilon }) =>
    batchNormTraining(x!, gamma!, beta!, rows!, epsilon === undefined ? {} : { epsilon }).y,
  forward,
  backward,
};

const opCase = (why: string, x: readonly number[], params: Params): OpCase<Params> => {
  const c = x[x.length - 1]!;
  return { why, shapes: [x, [c], [c], [1]], params };
};

export const batchNormTrainingSpec = opSpec<Params>({
  ...shared,
  name: 'batchNormTraining',
  cases: [
    opCase('one value: variance 0', [1, 1], { rows: 1 }),
    opCase('dense, one channel, partial vec4', [7, 1], { rows: 7 }),
    opCase('dense, three channels, partial batch', [9, 3], { rows: 5 }),
    opCase('dense, five channels, one row counts', [6, 5], { rows: 1 }),
    opCase('dense, two channels: groups of two vec4s at most', [11, 2], { rows: 10 }),
    opCase('dense, 33 channels', [5, 33], { rows: 4 }),
    opCase('images, one channel', [3, 5, 7, 1], { rows: 2 }),
    opCase('images, three channels, the batch ends inside a vec4', [3, 5, 7, 3], { rows: 1 }),
    opCase('images, five channels, non-square', [4, 3, 5, 5], { rows: 3 }),
    opCase('images, 6 channels', [3, 3, 5, 6], { rows: 3 }),
    opCase('images, 16 channels', [2, 9, 7, 16], { rows: 2 }),
    opCase('images, 33 channels', [3, 2, 3, 33], { rows: 2 }),
    opCase('more rows than there are', [3, 2, 3, 4], { rows: 9 }),
    opCase('another epsilon', [5, 2, 3, 4], { rows: 5, epsilon: 0.5 }),
    opCase('tiles of more than one group', [3, 62, 61, 4], { rows: 2 }),
    opCase('many chunks, partial last one, more channels than a workgroup', [301, 130], { rows: 300 }),
  ],
  tolerance: {
    forward: { error: 3e-6, why: 'sums in float32 and one division' },
    backward: { error: 2e-5, why: 'sums of some thousand terms in float32' },
  },
});

export const batchNormTrainingOffsetSpec = opSpec<Params>({
  ...shared,
  name: 'batchNormTraining, mean 1000 and standard deviation about 1',
  cases: [
    opCase('dense', [65, 3], { rows: 64, offset: 1000 }),
    opCase('images', [3, 21, 19, 5], { rows: 2, offset: 1000 }),
  ],
  tolerance: {
    forward: { error: 6e-5, why: 'the mean rounded to float32 is off by up to 3e-5 of a standard deviation' },
    backward: { error: 2e-4, why: 'so is each xhat, in sums of some hundred terms' },
  },
});
