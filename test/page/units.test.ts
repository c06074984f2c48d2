/** What the lab says of one number of a map: which pixels it sees, and what it is by hand, beside the engine. */
import { describe, expect, test } from 'vitest';
import { boxOf, receptiveFields } from '../../demo/lab/bench/receptiveField.ts';
import { type UnitLayer, unitOf } from '../../demo/lab/bench/unit.ts';
import { type LayerSpec, layers, type Model, sequential } from '../../src/index.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

const SIZE = 24;
const inputShape = [SIZE, SIZE, 1];

async function compiled(list: LayerSpec[]): Promise<Model> {
  const model = sequential(list);
  await model.compile({ device: await testDevice(), seed: 3 });
  return model;
}

const layersOf = (model: Model): UnitLayer[] =>
  model.layers.map(({ type, options, outputShape }) => ({
    ...{ type, options: { ...options } as Record<string, unknown>, shape: [...outputShape] },
  }));

/** Each of the rows and columns has its own field: units at the corners and between them. */
const unitsOf = ([height, width]: readonly number[]) =>
  [0, 1, Math.floor(height! / 2), height! - 1].map((row, i) => [row, [0, width! - 1, Math.floor(width! / 3), 1][i]!]);

describe('the receptive field is where the gradient of a unit is not 0', () => {
  // Without activations, and with means in the place of the largest: so no gradient is cut off by chance.
  const networks: [string, LayerSpec[]][] = [
    ['a convolution', [layers.conv2d({ inputShape, filters: 2, kernelSize: 5 })]],
    [
      'the baseline: a pool behind it',
      [layers.conv2d({ inputShape, filters: 2, kernelSize: 5 }), layers.avgPool2d({ poolSize: 4 })],
    ],
    [
      'two convolutions, two pools',
      [
        layers.conv2d({ inputShape, filters: 2, kernelSize: 3 }),
        layers.avgPool2d({ poolSize: 2 }),
        layers.conv2d({ filters: 2, kernelSize: 2 }),
        layers.avgPool2d({ poolSize: 3, strides: 2 }),
      ],
    ],
    [
      'padding, strides',
      [
        layers.conv2d({ inputShape, filters: 2, kernelSize: [4, 3], strides: 2, padding: 'same' }),
        layers.zeroPadding2d({ padding: 1 }),
        layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      ],
    ],
    [
      'as in “improved”: normalization and scaling between',
      [
        layers.conv2d({ inputShape, filters: 2, kernelSize: 3 }),
        layers.batchNormalization(),
        layers.rescaling({ scale: 2 }),
        layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 1, strides: 3 }),
      ],
    ],
  ];

  test.each(networks)('%s', async (_, list) => {
    const shape = sequential(list).outputShape;
    const model = await compiled([...list, layers.flatten(), layers.dense({ units: 2, useBias: false })]);
    const described = layersOf(model).slice(0, list.length);
    const field = receptiveFields(inputShape, described).at(-1)!;
    const weights = await model.getWeights();
    // Positive weights: nothing cancels.
    const positive = weights.slice(0, -1).map(({ name, shape, data }) => ({
      ...{ name, shape, data: /bias|beta|mean/i.test(name) ? data : data.map((w) => 0.1 + Math.abs(w)) },
    }));
    const { name, shape: last } = weights.at(-1)!;
    for (const [row, column] of unitsOf(shape)) {
      const chosen = new Float32Array(last[0]! * 2);
      chosen[2 * (row! * shape[1]! + column!) * shape[2]!] = 1; // of the first map
      await model.setWeights([...positive, { name, shape: last, data: chosen }]);
      const x = { data: new Float32Array(SIZE * SIZE).fill(1), shape: [1, ...inputShape] };
      const { saliency } = await model.inspect(x);
      const seen = [...saliency.data.keys()].filter((i) => saliency.data[i] !== 0);
      const [rows, columns] = [seen.map((i) => Math.floor(i / SIZE)), seen.map((i) => i % SIZE)];
      const [top, left] = [Math.min(...rows), Math.min(...columns)];
      expect(boxOf(field, [row!, column!], inputShape)).toEqual({
        ...{ top, left, height: Math.max(...rows) - top + 1, width: Math.max(...columns) - left + 1 },
      });
    }
    model.dispose();
  });

  test('sizes of the course’s networks: 5, 8, then 12, 24, then all', () => {
    const list = [
      layers.conv2d({ inputShape: [128, 128, 1], filters: 32, kernelSize: 5 }),
      layers.maxPool2d({ poolSize: 4 }),
      layers.conv2d({ filters: 32, kernelSize: 2 }),
      layers.maxPool2d({ poolSize: 4 }),
      layers.flatten(),
    ];
    const fields = receptiveFields([128, 128, 1], layersOf(sequential(list)));
    expect(fields.map((field) => field!.size[0])).toEqual([5, 8, 12, 24, 128]);
    expect(fields.at(-1)!.whole).toBe(true);
    const enlarged = [list[0]!, layers.upSampling2d({ size: 2 }), layers.maxPool2d({ poolSize: 2 }), layers.flatten()];
    const known = receptiveFields([128, 128, 1], layersOf(sequential(enlarged)));
    expect(known.map((field) => field?.size[0])).toEqual([5, undefined, undefined, 128]);
  });
});

describe('a number by hand is that of the engine', () => {
  const cases: [string, LayerSpec][] = [
    ['a convolution with relu', layers.conv2d({ filters: 4, kernelSize: 5, activation: 'relu' })],
    [
      'stride, padding',
      layers.conv2d({ filters: 3, kernelSize: [3, 4], strides: 2, padding: 'same', activation: 'tanh' }),
    ],
    [
      'dilation, groups, no bias',
      layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 3, groups: 2, useBias: false }),
    ],
    ['depthwise', layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'sigmoid' })],
    ['max-pool', layers.maxPool2d({ poolSize: 3, strides: 2, padding: 'same' })],
    ['mean-pool', layers.avgPool2d({ poolSize: [2, 3], padding: 'same' })],
  ];

  test.each(cases)('%s', async (_, layer) => {
    const shape = [13, 14, 4];
    const model = await compiled([
      layers.rescaling({ inputShape: shape, scale: 1 }),
      layer,
      layers.flatten(),
      layers.dense({ units: 2 }),
    ]);
    const random = { data: Float32Array.from(randomArray([1, ...shape], randomStream(5)).data) };
    const { layers: made } = await model.inspect({ data: random.data, shape: [1, ...shape] });
    const weights = await model.getWeights();
    const kernel = weights.find(({ shape }) => shape.length === 4);
    const bias = weights.find(({ name }) => name === `${made[1]!.name}/bias`);
    const set = kernel && {
      ...{ layer: made[1]!.name, shape: [...kernel.shape], data: kernel.data },
      ...(bias ? { bias: bias.data } : {}),
    };
    const output = made[1]!.output;
    const [, height, width, channels] = output.shape as [number, number, number, number];
    const described = { ...layersOf(model)[1]!, shape: [height, width, channels] };
    for (const [row, column] of unitsOf([height, width])) {
      for (const channel of [0, channels - 1]) {
        const unit = unitOf(described, { data: random.data, shape }, set, { row: row!, column: column!, channel })!;
        expect(output.data[(row! * width + column!) * channels + channel]).toBeCloseTo(unit.result!, 5);
        if (!unit.products) continue;
        expect(unit.products.reduce((sum, x) => sum + x, unit.bias)).toBeCloseTo(unit.sum, 5);
      }
    }
    model.dispose();
  });
});
