/** Every press of backpropagation beside finite differences, by hand and on the GPU; the other figures' numbers on the GPU. */
import { describe, expect, test } from 'vitest';
import {
  EPSILON,
  finiteDifference,
  firstInputs,
  type Given,
  type Inputs,
  type Kind,
  lossOf,
  product,
  transposed,
  valuesOf,
  WEIGHTS,
  withWeight,
} from '../../demo/learning/backprop/backprop.ts';
import { valuesOnGpu } from '../../demo/learning/backprop/gpu.ts';
import { pressesOf } from '../../demo/learning/backprop/presses.ts';
import { activationsAt, twoLayers } from '../../demo/learning/curves/gpu.ts';
import { FIRST_LAYERS, oneLayer, outputOf } from '../../demo/learning/curves/twoLayers.ts';
import { softmaxOnGpu } from '../../demo/learning/softmax/gpu.ts';
import { activations } from '../../demo/lesson/reference/activations.ts';
import { array64 } from '../../demo/lesson/reference/array64.ts';
import { crossEntropyGradient, softmax } from '../../demo/lesson/reference/softmax.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

const near = (value: number, reference: number, tolerance: number, what: string) =>
  expect(Math.abs(value - reference), `${what}: ${value}, not ${reference}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(reference)),
  );

function randomInputs(kind: Kind, seed: number): Inputs {
  const stream = randomStream(seed);
  const random = (shape: readonly number[]) => array64(randomArray(shape, stream).data, shape);
  const outputs = kind === 'softmax' ? 3 : 1;
  return {
    ...{ kind, x: random([2, 1]), y: kind === 'softmax' ? seed % 3 : -0.7 },
    weights: { 'W₁': random([3, 2]), 'b₁': random([3, 1]), 'W₂': random([outputs, 3]), 'b₂': random([outputs, 1]) },
  };
}

/** Of the loss by each number of a value of the forward pass, or of a weight. */
function differences(inputs: Inputs, of: string): number[] {
  if (of === 'u' || of === 'h' || of === 'f') {
    const { data, shape } = valuesOf(inputs)[of];
    const at = (i: number, value: number) =>
      lossOf(inputs, { [of]: { data: data.with(i, value), shape } } satisfies Given);
    return Array.from(data, (v, i) => (at(i, v + EPSILON) - at(i, v - EPSILON)) / (2 * EPSILON));
  }
  const name = WEIGHTS.find((name) => name === of)!;
  return Array.from(inputs.weights[name].data, (_, i) => finiteDifference(inputs, name, i).slope);
}

describe.each(['regression', 'softmax'] as const)('backpropagation, %s', (kind) => {
  const cases = [firstInputs(kind), ...[1, 2, 3, 4].map((seed) => randomInputs(kind, seed))];

  test('each press back is the finite difference of the loss', () => {
    const back = pressesOf(kind).filter(({ backward }) => backward);
    expect(back.map(({ result }) => result)).toEqual(['df', 'dW₂', 'db₂', 'dh', 'du', 'dW₁', 'db₁']);
    for (const inputs of cases) {
      const values = valuesOf(inputs);
      for (const { result } of back) {
        const gradient = values[result as keyof typeof values].data;
        const found = differences(inputs, result.slice(1));
        expect(found.length).toBe(gradient.length);
        found.forEach((slope, i) => {
          near(gradient[i]!, slope, 1e-6, `${result}[${i}]`);
        });
      }
    }
  });

  test('on the GPU each press has the same numbers', async () => {
    const device = await testDevice();
    for (const inputs of cases) {
      const [computed, values] = [await valuesOnGpu(device, inputs), valuesOf(inputs)];
      for (const { result } of pressesOf(kind)) {
        if (result === 'x') continue;
        const reference = values[result].data;
        expect(computed[result].length).toBe(reference.length);
        reference.forEach((want, i) => {
          near(computed[result][i]!, want, 1e-5, `${result}[${i}]`);
        });
      }
      if (kind === 'softmax')
        near(
          computed.df.reduce((sum, d) => sum + d, 0),
          0,
          1e-6,
          'sum',
        );
    }
  });

  test('a formula with its numbers gives the result', () => {
    for (const inputs of cases) {
      const values = valuesOf(inputs);
      for (const { result, parts } of pressesOf(kind)) {
        const [a, sign, b] = parts(inputs, values);
        if (typeof a !== 'object' || typeof b !== 'object' || result === 'x') continue;
        const bias = parts(inputs, values)[4];
        const made =
          sign === '·' ? product(a, b).data : a.data.map((v, i) => (sign === '∘' ? v * b.data[i]! : v - b.data[i]!));
        made.forEach((v, i) => {
          near(v + (typeof bias === 'object' ? bias.data[i]! : 0), values[result].data[i]!, 1e-12, `${result}[${i}]`);
        });
      }
    }
  });
});

test('at first, one hidden unit of three is off, and its weights have no gradient', () => {
  for (const kind of ['regression', 'softmax'] as const) {
    const values = valuesOf(firstInputs(kind));
    expect(Array.from(values.h.data, (h) => h > 0)).toEqual([true, false, true]);
    expect(Array.from(values['dW₁'].data, (d) => d !== 0)).toEqual([true, true, false, false, true, true]);
  }
});

test('a weight that is changed changes nothing else, and matrices are transposed', () => {
  const inputs = firstInputs('softmax');
  expect(withWeight(inputs, 'b₂', 1, 9).weights['b₂'].data).toEqual(Float64Array.of(0, 9, -0.5));
  expect(inputs.weights['b₂'].data[1]).toBe(0.5);
  expect(transposed(array64([1, 2, 3, 4, 5, 6], [2, 3]))).toEqual(array64([1, 4, 2, 5, 3, 6], [3, 2]));
});

test.each([[[0.3, -1.2, 2]], [[4, -4, 0]], [[0, 0, 0]]])('softmax of %j: gradients whose sum is 0', async (logits) => {
  for (const truth of [0, 1, 2]) {
    const { p, loss, gradient } = await softmaxOnGpu(await testDevice(), logits, truth);
    const reference = crossEntropyGradient(logits, truth);
    softmax(logits).forEach((want, k) => {
      near(p[k]!, want, 1e-6, `p${k}`);
    });
    reference.forEach((want, k) => {
      near(gradient[k]!, want, 1e-6, `gradient ${k}`);
    });
    near(loss[0]!, -Math.log(softmax(logits)[truth]!), 1e-5, 'loss');
    near(
      gradient.reduce((sum, d) => sum + d, 0),
      0,
      1e-6,
      'sum',
    );
    near(
      reference.reduce((sum, d) => sum + d, 0),
      0,
      1e-15,
      'sum by hand',
    );
  }
});

test('activations and their slopes at many u', async () => {
  const u = Array.from({ length: 41 }, (_, i) => (i - 20) / 5);
  const computed = await activationsAt(await testDevice(), u);
  for (const name of ['tanh', 'sigmoid', 'relu'] as const) {
    u.forEach((at, i) => {
      near(computed[name][i]!, activations[name].f(at), 1e-5, `${name}(${at})`);
      near(computed[`${name}′`][i]!, activations[name].derivative(at), 1e-5, `slope of ${name} at ${at}`);
    });
  }
});

test('two linear layers are one, and with an activation they are not', async () => {
  const x = [-3, -1, 0, 0.5, 2];
  const { slope, offset } = oneLayer(FIRST_LAYERS);
  for (const activation of ['linear', 'tanh', 'sigmoid', 'relu'] as const) {
    const computed = await twoLayers(activation, 3, x.length)(await testDevice(), { x, ...FIRST_LAYERS });
    near(computed.slope[0]!, slope, 1e-6, 'W₂W₁');
    near(computed.offset[0]!, offset, 1e-6, 'W₂b₁ + b₂');
    x.forEach((at, i) => {
      near(computed.f[i]!, outputOf(FIRST_LAYERS, activation, at), 1e-5, `f(${at})`);
    });
    const apart = Math.max(...x.map((at) => Math.abs(outputOf(FIRST_LAYERS, activation, at) - slope * at - offset)));
    if (activation === 'linear') expect(apart).toBeLessThan(1e-12);
    else expect(apart).toBeGreaterThan(0.5);
  }
});
