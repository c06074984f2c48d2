/** A layer of the caller's own: it trains, is saved and loaded, and has a name of its own. */
import { expect, test } from 'vitest';
import {
  ArgumentError,
  type LayerOptions,
  type LayerType,
  layers,
  loadModel,
  mul,
  registerLayer,
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
