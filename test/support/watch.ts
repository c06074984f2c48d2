/** Models to be watched for what is not finite, and what is found. */
import { expect } from 'vitest';
import { type Model, NonFiniteError, type NonFiniteLocation, sequential, sgd } from '../../src/index.ts';
import type { LayerSpec } from '../../src/nn/layers/layer.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import { testDevice } from './device.ts';

export async function compiled(specs: readonly LayerSpec[], options: CompileOptions = {}): Promise<Model> {
  const model = sequential(specs);
  const optimizer = sgd({ learningRate: 0.01 });
  await model.compile({
    loss: 'meanSquaredError',
    optimizer,
    seed: 5,
    tune: false,
    device: await testDevice(),
    ...options,
  });
  return model;
}

/** What ends training. */
export async function stopped(training: Promise<unknown>): Promise<NonFiniteLocation> {
  const error = await training.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(NonFiniteError);
  const { finding, message } = error as NonFiniteError;
  expect(message).toContain(`step ${finding.step} `);
  expect(message).toContain(finding.tensor);
  expect(message).toMatch(/learning rate/);
  return finding;
}

export async function allFinite(model: Model): Promise<boolean> {
  return (await model.getWeights()).every(({ data }) => data.every(Number.isFinite));
}

/** Overwrites weights as no user can. */
export async function plant(model: Model, name: string, value: number, element = 0): Promise<void> {
  const { network, variables } = model.compiled;
  const { variable } = network.weights.find((weight) => weight.name === name)!;
  const data = (await variables.read(variable)) as Float32Array;
  data[element] = value;
  variables.write(variable, data);
}

/** `count` examples of one shape, all of one value, with targets of another. */
export function constantData(count: number, shape: readonly number[], x: number, y = 0) {
  const length = shape.reduce((product, size) => product * size, count);
  return {
    x: { data: new Float32Array(length).fill(x), shape: [count, ...shape] },
    y: { data: new Float32Array(count).fill(y), shape: [count, 1] },
  };
}
