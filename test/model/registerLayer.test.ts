/** A layer of the caller's own: it trains, is saved and loaded, and has a name of its own. */
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  add,
  type LayerOptions,
  type LayerType,
  layers,
  loadModel,
  matmul,
  mul,
  type NeuriteError,
  registerLayer,
  ShapeError,
  sequential,
  sgd,
  type Tensor,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';

interface GainOptions extends LayerOptions {
  readonly start: number;
}

const gainLayer: LayerType<GainOptions> = {
  type: 'gain',
  className: 'Gain',
  optionKinds: { start: 'number' },
  build: ({ start }, inputShape) => ({
    outputShape: inputShape,
    weights: [{ name: 'gain', shape: [1], initializer: { name: 'constant', value: start }, trainable: true }],
    apply: (x, [gain]) => mul(x, gain!),
  }),
};
const gain = registerLayer(gainLayer);

test('it trains, and a file has it', async () => {
  const model = sequential([gain({ inputShape: [2], start: 3 }), layers.dense({ units: 1, trainable: false, kernelInitializer: 'ones' })]); // biome-ignore format: one line
  await model.compile({ device: await testDevice(), optimizer: sgd({ learningRate: 0.5 }), loss: 'meanSquaredError' });
  expect(model.summary()).toContain('gain (Gain)');
  const x = { data: Float32Array.of(1, 0), shape: [1, 2] };
  // The loss is (3 - 2)^2 with the slope 2 (3 - 2) by the gain, which becomes 2.
  await model.trainOnBatch(x, Float32Array.of(2));
  const loaded = await loadModel(await model.save(), { device: await testDevice() });
  expect([...(await loaded.predict(x)).data]).toEqual([2]);
  expect(loaded.layers[0]).toMatchObject({ type: 'gain', options: { start: 3 } });
  model.dispose();
  loaded.dispose();
});

test('options are checked by the kinds that it says', () => {
  expect(() => sequential([gain({ inputShape: [2], start: 'x' as never })])).toThrow("layer 0 (gain): start must be a number, got 'x'."); // biome-ignore format: one line
  expect(() => gain(3 as never)).toThrow('gain: options must be an object, such as { start: … }, got 3.');
});

test('registered again it is the same; another one needs another name, and all parts', () => {
  expect(registerLayer(gainLayer)({ start: 1 })).toEqual({ type: 'gain', options: { start: 1 } });
  for (const type of ['gain', 'dense']) {
    expect(() => registerLayer({ ...gainLayer, type })).toThrow(`registerLayer: there is a layer '${type}' already`);
  }
  expect(() => registerLayer({ ...gainLayer, type: '' })).toThrow('registerLayer: type must be a text');
  expect(() => registerLayer({ ...gainLayer, type: 'other', className: undefined as never })).toThrow(/className must be a text/); // biome-ignore format: one line
  expect(() => registerLayer({ ...gainLayer, type: 'other', optionKinds: undefined as never })).toThrow(/optionKinds must be an object/); // biome-ignore format: one line
  expect(() => registerLayer({ ...gainLayer, type: 'other', optionKinds: { start: 'integr' as never } })).toThrow(/^registerLayer: optionKinds: start must be 'any', .* or 'fraction', got 'integr'\. Did you mean 'integer'\?$/); // biome-ignore format: one line
  expect(() => registerLayer({ ...gainLayer, type: 'other', optionKinds: { start: Number as never } })).toThrow(/^registerLayer: optionKinds: start must be .*, got a function/); // biome-ignore format: one line
  for (const wrong of [undefined, 5, {}])
    expect(() => registerLayer(wrong as never), `${wrong}`).toThrow(ArgumentError);
});

test('a weight that does not say so is trained', async () => {
  const build = () => ({
    outputShape: [2],
    weights: [{ name: 'gain', shape: [1], initializer: 'ones' as const }],
    apply: (x: Tensor, [g]: readonly Tensor[]) => mul(x, g!),
  });
  const plain = registerLayer({ type: 'plainGain', className: 'PlainGain', optionKinds: {}, build });
  const model = sequential([plain({ inputShape: [2] })]);
  await model.compile({ device: await testDevice(), optimizer: sgd({ learningRate: 0.5 }), loss: 'meanSquaredError' });
  const x = { data: Float32Array.of(1, 1), shape: [1, 2] };
  await model.trainOnBatch(x, { data: Float32Array.of(2, 2), shape: [1, 2] });
  expect([...(await model.getWeights())[0]!.data]).toEqual([2]); // 1 - 0.5 · 2 (1 - 2), the mean over both
  expect(model.summary()).toContain('Non-trainable params: 0');
  model.dispose();
});

test('what apply returns must have the shape that build has said', async () => {
  const wrong = async (type: string, apply: (x: Tensor) => Tensor) => {
    const build = () => ({ outputShape: [7], weights: [], apply });
    const layer = registerLayer({ type, className: 'Wrong', optionKinds: {}, build });
    const model = sequential([layer({ inputShape: [2] })]);
    await model.compile({ device: await testDevice() });
    const predicted = model.predict({ data: new Float32Array(2), shape: [1, 2] });
    const error = await predicted.then(String, (error: Error) => `${error.name}: ${error.message}`);
    model.dispose();
    return error;
  };
  const shapes = /^ShapeError: wrong '\w+': its outputShape is \[7\], and apply returns \[\d+, 2\], the batch first\.$/;
  expect(await wrong('wrong', (x) => x)).toMatch(shapes);
  expect(await wrong('listed', (x) => [x] as never)).toMatch(
    /^ArgumentError: listed '\w+': apply must return a tensor, got/,
  );
});

/** The error of a model with this layer, second in it, when it is built or predicts. */
async function errorOf(build: unknown): Promise<NeuriteError> {
  const type = `faulty${++faulty}`;
  const layer = registerLayer({ type, className: 'Faulty', optionKinds: {}, build } as never) as () => never;
  try {
    const model = sequential([layers.dense({ inputShape: [3], units: 2 }), layer()]);
    await model.compile({ device: await testDevice() });
    await model.predict({ data: new Float32Array(3), shape: [1, 3] }).finally(() => model.dispose());
  } catch (error) {
    const { message } = error as Error;
    expect(message).toContain(`${type} '${type}': `);
    Object.assign(error as Error, { message: message.replace(`${type} '${type}': `, '') });
    return error as NeuriteError;
  }
  return expect.fail('it did not fail');
}
let faulty = 0;

describe('what a layer throws names the layer, and has the error itself as its cause', () => {
  const thrown = new TypeError('x.foo is not a function');
  const raise = () => {
    throw thrown;
  };
  const applying = (apply: unknown) => (_: object, outputShape: unknown) => ({ outputShape, weights: [], apply });

  test.each([
    ['apply', applying(raise)],
    ['build', raise],
    [
      'outputShape',
      () => Object.defineProperty({ weights: [], apply: (x: Tensor) => x }, 'outputShape', { get: raise }),
    ],
  ])('in %s', async (_, build) => {
    const error = await errorOf(build);
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toBe('x.foo is not a function');
    expect(error.cause).toBe(thrown);
    expect((error.cause as Error).stack).toContain('registerLayer.test');
  });

  test('also what is no error, and an error of the engine, whose class stays', async () => {
    const text = await errorOf(applying(() => { throw 'a text'; })); // biome-ignore format: one line
    expect([text.message, text.cause]).toEqual(['a text', 'a text']);
    const shapes = await errorOf(applying((x: Tensor) => matmul(x, x)));
    expect(shapes).toBeInstanceOf(ShapeError);
    expect(shapes.message).toBe('matmul: [1, 2] times [1, 2]: the inner sizes 2 and 1 differ.');
    expect(shapes.cause).toBeInstanceOf(ShapeError);
    const own = new ShapeError('the layer takes no such shape');
    const error = await errorOf(() => { throw own; }); // biome-ignore format: one line
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.cause).toBe(own);
    const missing = await errorOf(applying((x: Tensor) => add(x, undefined as never)));
    expect(missing).toBeInstanceOf(ArgumentError);
    expect(missing.message).toBe('add: input 1 must be a tensor made by a graph, got undefined.');
  });

  test('an error that names the layer stays as it is', async () => {
    const build = (_: object, __: object, what: string) => {
      throw new ShapeError(`${what}: too small.`);
    };
    const error = await errorOf(build);
    expect(error.message).toBe('too small.');
    expect(error.cause).toBeUndefined();
  });

  const apply = (x: Tensor) => x;
  const weight = { name: 'w', shape: [2], initializer: 'ones' };
  const weighing = (given: unknown) => (_: object, outputShape: object) => ({ outputShape, weights: [given], apply });
  test.each([
    ['nothing', () => undefined, /^what build returns must have the methods apply, got undefined\./],
    ['a promise', async () => ({ outputShape: [2], weights: [], apply }), /^what build returns must .*, got a Promise/],
    ['no apply', () => ({ outputShape: [2], weights: [] }), /^what build returns must have the methods apply, got \{/],
    ['no weights', () => ({ outputShape: [2], apply }), /^weights must be a list, got undefined\./],
    ['no outputShape', () => ({ weights: [], apply }), /^outputShape: a shape is a list of positive integers, got undefined\./],
    ['a number', () => ({ outputShape: 5, weights: [], apply }), /^outputShape: a shape is .* got 5\. Write \[5\]\./],
    ['a batch', () => ({ outputShape: [null, 2], weights: [], apply }), /^outputShape: a shape needs one or more positive/],
    ['a weight without a name', weighing({ ...weight, name: undefined }), /^name of a weight must be a text, got undefined\./],
    ['a weight with a wrong shape', weighing({ ...weight, shape: 2 }), /^w: a shape is a list of positive integers, got 2\. Write \[2\]\./],
    ['a weight without values', weighing({ ...weight, initializer: undefined }), /^w: initializer must be 'zeros'.* got undefined\./],
    ['a weight of a wrong name', weighing({ ...weight, initializer: 'onez' }), /^w: initializer must be 'zeros'.* Did you mean 'ones'\?/],
    ['no weight at all', weighing(undefined), /undefined/],
  ])('build that returns %s', async (_, build, message) => {
    expect((await errorOf(build)).message).toMatch(message);
  }); // biome-ignore format: a line each
});
