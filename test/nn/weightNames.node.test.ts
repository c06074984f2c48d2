import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.ts';
import { layers, sequential } from '../../src/index.ts';
import { placesOf } from '../../src/nn/file/weightNames.ts';

const made = sequential([
  layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 3 }),
  layers.batchNormalization(),
  layers.depthwiseConv2d({ kernelSize: 1, useBias: false }),
  layers.batchNormalization({ name: 'last/norm' }),
  layers.flatten(),
  layers.dense({ units: 2 }),
  layers.dense({ units: 2 }),
  layers.dense({ units: 2, name: 'head' }),
]).layers;
const own = made.flatMap(({ weights }) => weights.map(({ name }) => name));
const [KERNEL, , GAMMA, , , VARIANCE, DEPTHWISE] = own as [string, string, string, string, string, string, string];

/** Where each goes, by the model's name; undefined where it has none. */
const goes = (names: readonly (string | undefined)[], strict = true) =>
  placesOf(made, names, strict).map((place) => own[place]);
/** The model's names, changed. */
const renamed = (change: (name: string) => string) => own.map(change);

describe('where weights go by their names', () => {
  test('the names are those that the cases below rely on', () => {
    expect(own).toEqual([
      ...['conv2d/kernel', 'conv2d/bias'],
      ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `batchNormalization/${name}`),
      'depthwiseConv2d/depthwise_kernel',
      ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `last/norm/${name}`),
      ...['dense/kernel', 'dense/bias', 'dense_1/kernel', 'dense_1/bias', 'head/kernel', 'head/bias'],
    ]);
  });

  test('in any order', () => {
    const reversed = own.toReversed();
    expect(goes(reversed)).toEqual(reversed);
  });

  test('without names, by position', () => {
    expect(goes(own.map(() => undefined))).toEqual(own);
    expect(goes([...own.map(() => null as never), undefined])).toEqual([...own, undefined]); // their number is for the caller
  });

  const spellings: readonly [string, (name: string) => string][] = [
    ["Keras'", (name) => name.replace('batchN', 'batch_n').replace('depthwiseConv', 'depthwise_conv')],
    ["Keras 2's, with the number of an output", (name) => `${name.replace('batchN', 'batch_n')}:0`],
    ["Keras 3's paths", (name) => `sequential_3/${name.replace('batchN', 'batch_n')}`],
    ['a second use of the same name', (name) => `${name}_1`],
    ['those of a model made later', (name) => name.replace(/dense_1/, 'dense_8').replace(/dense\//, 'dense_7/')],
    ['with one layer of a kind, numbered', (name) => name.replace('conv2d/', 'conv2d_12/')],
    [
      "TensorFlow.js'",
      (name) =>
        name
          .replace(/^conv2d/, 'conv2d_Conv2D1')
          .replace('batchNormalization', 'batch_normalization_BatchNormalization1')
          .replace('depthwiseConv2d', 'depthwise_conv2d_DepthwiseConv2D1')
          .replace('dense_1', 'dense_Dense5')
          .replace(/^dense\//, 'dense_Dense4/'),
    ],
  ];
  test.each(spellings)('%s', (_, spell) => {
    const names = renamed(spell);
    expect(names).not.toEqual(own);
    expect(goes(names)).toEqual(own);
    expect(goes(names.toReversed())).toEqual(own.toReversed());
  });

  const refused: readonly [string, readonly (string | undefined)[], RegExp][] = [
    ['some with and some without', [undefined, ...own.slice(1)], /weight 0 has no name, though others have/],
    ['a name that is no text', [7 as never, ...own.slice(1)], /weight 0 .* got 7/],
    ['an empty name', [...own.slice(0, -1), ''], /weight 16 .* got ''/],
    ['one twice', [KERNEL, KERNEL, ...own.slice(2)], /'conv2d\/kernel' is given twice/],
    [
      'one in two spellings',
      [KERNEL, 'conv2d/kernel:0', ...own.slice(2)],
      /'conv2d\/kernel:0' are both .*'conv2d\/kernel'/,
    ],
    [
      'one that the model lacks',
      ['conv/kernel', ...own.slice(1)],
      /the model has no weight 'conv\/kernel'.*strict: false/,
    ],
    ['one more', [...own, 'tail/bias'], /no weight 'tail\/bias'/],
    ['one less', own.slice(1), /'conv2d\/kernel' is missing.*strict: false/],
    ["another weight of the layer's", [...own.slice(0, -1), 'head/gamma'], /no weight 'head\/gamma'/],
    ['a weight without its layer', renamed((name) => name.replace(/.*\//, '')), /no weight 'kernel'/],
    ["PyTorch's", renamed((name) => name.replaceAll('/', '.')), /no weight 'conv2d.kernel'/],
    ['layers in gaps', renamed((name) => name.replace('dense_1', 'dense_9')), /no weight 'dense_9\/kernel'/],
    [
      "one layer's under two numbers",
      renamed((name) => name.replace('conv2d/b', 'conv2d_4/b')),
      /no weight 'conv2d_4\/bias'/,
    ],
    ["a user's own numbers", renamed((name) => name.replace('head', 'head_1')), /no weight 'head_1\/kernel'/],
  ];
  test.each(refused)('refuses %s', (_, names, message) => {
    expect(() => goes(names)).toThrow(ArgumentError);
    expect(() => goes(names)).toThrow(message);
  });

  test('where a model has names that are spellings of one another, only its own will do', () => {
    const { layers: twins } = sequential([
      layers.batchNormalization({ inputShape: [2] }),
      layers.batchNormalization({ name: 'batch_normalization' }),
    ]);
    const names = twins.flatMap(({ weights }) => weights.map(({ name }) => name));
    expect(placesOf(twins, names.toReversed(), true)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    const others = names.map((name) => name.replace('batch_normalization/', 'batch_normalization_1/'));
    expect(() => placesOf(twins, others, true)).toThrow(/no weight 'batch_normalization_1\/gamma'/);
  });
});

describe('some of them by name', () => {
  test('what the model has goes where it belongs, the rest nowhere', () => {
    expect(goes([VARIANCE, 'tail/kernel', 'batch_normalization_BatchNormalization1/gamma', DEPTHWISE], false)).toEqual([
      ...[VARIANCE, undefined, GAMMA, DEPTHWISE],
    ]);
    expect(goes([], false)).toEqual([]);
  });

  test('numbers are taken as they are: which layers are left out, nobody knows', () => {
    expect(goes(['dense_1/kernel', 'dense_2/kernel'], false)).toEqual(['dense_1/kernel', undefined]);
  });

  test('refuses those without names, and one twice', () => {
    expect(() => goes([undefined], false)).toThrow(/strict: false.*names/);
    expect(() => goes([KERNEL, `${KERNEL}:0`], false)).toThrow(/are both/);
  });
});
