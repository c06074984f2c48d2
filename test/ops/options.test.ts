/** Options of ops and of what is at their level: a misspelt name, a wrong value and what is no object are ArgumentErrors. */
import { describe, expect, test } from 'vitest';
import * as augmentation from '../../src/augmentation/index.ts';
import * as engine from '../../src/index.ts';
import { ArgumentError, type Graph, graph, type Tensor } from '../../src/index.ts';
import { AUGMENTATION } from '../../src/nn/layers/augmentation.ts';

interface Call {
  /** Applies it to operands that fit. */
  readonly run: (options: never) => unknown;
  /** Options that are right. Where there is none that need not be given, `undefined`. */
  readonly right: object;
  /** Values that each option is not. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>;
  /** A name near to one of the options, and that one. */
  readonly near: readonly [string, string];
}

const inGraph = (apply: (g: Graph, options: never) => unknown) => (options: never) => apply(graph(), options);
const image = (g: Graph) => g.input('x', [2, 6, 6, 4]);
const filter = (g: Graph) => g.input('w', [3, 3, 4, 8]);
const vector = (g: Graph, name: string) => g.input(name, [4]);
const variable = (g: Graph, name: string, shape = [4]) => g.variable({ name, shape, dtype: 'f32' });
const rows = (g: Graph) => g.input('rows', [1], 'u32');

const WINDOW = { strides: [0, 'x', null, [1]], padding: ['sane', -1, null] };
const reduction = (op: (x: Tensor, options: never) => Tensor): Call => ({
  run: inGraph((g, options) => op(image(g), options)),
  right: { axes: [1, -1], keepDims: true },
  wrong: { axes: ['1', null, [0.5], {}], keepDims: ['yes', 1, null] },
  near: ['axis', 'axes'],
});
const pool = (op: (x: Tensor, options: never) => unknown): Call => ({
  run: inGraph((g, options) => op(image(g), { poolSize: 2, ...(options as object) } as never)),
  right: { poolSize: [2, 3], strides: 1, padding: 'same' },
  wrong: { poolSize: [0, 'x', null], ...WINDOW },
  near: ['pool_size', 'poolSize'],
});
const convolution = (apply: (g: Graph, options: never) => Tensor): Call => ({
  run: inGraph(apply),
  right: { strides: 1, padding: 'valid', dilation: [1, 1], groups: 1, kernel: 'plain' },
  wrong: { ...WINDOW, dilation: [0, 'x'], groups: [0, 'x', 1.5] },
  near: ['stride', 'strides'],
});
const slope = (op: (x: Tensor, options: never) => Tensor): Call => ({
  run: inGraph((g, options) => op(image(g), options)),
  right: { alpha: -1 },
  wrong: { alpha: ['1', Number.NaN, null] },
  near: ['Alpha', 'alpha'],
});

/** An op that draws for each example. @param needed options that it needs besides a salt */
const drawn = (op: (x: Tensor, seed: Tensor, options: never) => Tensor, needed: object): Pick<Call, 'run'> => ({
  run: inGraph((g, options) =>
    op(image(g), g.input('seed', [1], 'u32'), { salt: 1, ...needed, ...(options as object) } as never),
  ),
});

const { accumulate, adamUpdate, avgPool2d, batchNormInference, batchNormTraining, clipScale } = engine;
const { conv2d, conv2dFilterGrad, conv2dInputGrad, conv2dMaxPool, conv2dTranspose, dropout, elu, gelu, leakyRelu } =
  engine;
const { lossScale, lossScaling, matmul, max, maxPool2d, maxPool2dWithArgmax, mean, movingAverage } = engine;
const { gatherIntegers, nonFinite, pixelChannels, plan, rmspropUpdate, sgdUpdate, sum, upSampling2d } = engine;

const CALLS: Record<string, Call> = {
  sum: reduction(sum),
  mean: reduction(mean),
  max: reduction(max),
  maxPool2d: pool(maxPool2d),
  maxPool2dWithArgmax: pool(maxPool2dWithArgmax),
  avgPool2d: pool(avgPool2d),
  conv2d: convolution((g, options) => conv2d(image(g), filter(g), options)),
  conv2dFilterGrad: convolution((g, options) =>
    conv2dFilterGrad(image(g), g.input('dy', [2, 4, 4, 8]), [3, 3, 4, 8], options),
  ),
  conv2dInputGrad: convolution((g, options) =>
    conv2dInputGrad(g.input('dy', [2, 4, 4, 8]), filter(g), [2, 6, 6, 4], options),
  ),
  conv2dTranspose: {
    ...convolution((g, options) =>
      conv2dTranspose(g.input('x', [2, 4, 4, 8]), filter(g), { strides: 2, ...(options as object) }),
    ),
    right: { strides: [3, 2], padding: 'same', outputPadding: [2, 0], dilation: 1, groups: 2, kernel: 'plain' },
    wrong: { ...WINDOW, dilation: [0, 'x'], groups: [0, 'x', 1.5], outputPadding: [2, -1, 'x', null, [1]] },
  },
  upSampling2d: {
    run: inGraph((g, options) => upSampling2d(image(g), options)),
    right: { size: [2, 3], interpolation: 'bilinear' },
    wrong: { size: [0, 1.5, 'x', null, [2]], interpolation: ['linear', 5, null] },
    near: ['sizes', 'size'],
  },
  conv2dMaxPool: {
    run: inGraph((g, options) => conv2dMaxPool(image(g), filter(g), { poolSize: 2, ...(options as object) })),
    right: { strides: 1, padding: 'same', dilation: 1, poolSize: [2, 2], activation: 'linear' },
    wrong: { ...WINDOW, dilation: [0], poolSize: [0, 'x', null], activation: ['tanh', 5, () => {}], groups: [2] },
    near: ['poolsize', 'poolSize'],
  },
  gatherIntegers: {
    run: inGraph((g, options) => {
      const [data, indices] = [g.input('data', [3], 'u32'), g.input('indices', [2], 'u32')];
      return gatherIntegers(data, indices, rows(g), { type: 'uint8', shape: [4], ...(options as object) });
    }),
    right: { type: 'int16', shape: [3, 1] },
    wrong: { type: ['int32', 'u8', 5, null, undefined], shape: [5, [0], 'x', undefined] },
    near: ['types', 'type'],
  },
  pixelChannels: {
    run: inGraph((g, options) => {
      const pixels = g.input('pixels', [2, 3, 4], 'u32');
      return pixelChannels(pixels, rows(g), { width: 3, channels: 3, ...(options as object) });
    }),
    right: { width: 4, channels: 1 },
    wrong: { width: [0, 1.5, 5, 'x', null, undefined], channels: [0, 2, 5, '3', null, undefined] },
    near: ['channel', 'channels'],
  },
  leakyRelu: slope(leakyRelu),
  elu: slope(elu),
  gelu: {
    run: inGraph((g, options) => gelu(image(g), options)),
    right: { approximate: true },
    wrong: { approximate: ['tanh', 1, null] },
    near: ['aproximate', 'approximate'],
  },
  randomAffine: {
    ...drawn((x, seed, options) => augmentation.randomAffine(x, seed, options), { rotation: [0, 0.1] }),
    right: { salt: 2 ** 32 - 1, interpolation: 'nearest', fillMode: 'wrap', fillValue: -1 },
    wrong: {
      salt: [-1, 2 ** 32, 0.5, undefined],
      rotation: [0.1, [1], [0.2, 0.1], ['a', 'b']],
      ...{ interpolation: ['linear', 5, null], fillMode: ['mirror', 0], fillValue: ['0', Number.NaN] },
    },
    near: ['rotaton', 'rotation'],
  },
  randomIntensity: {
    ...drawn((x, seed, options) => augmentation.randomIntensity(x, seed, options), { brightness: [0, 1], valueRange: [0, 9] }), // biome-ignore format: one line
    right: { salt: 0, valueRange: [-1, 1], brightness: [0.5, 0.5] },
    wrong: { salt: [-1, '1'], brightness: [1, [1, 0], 'x', null], valueRange: [5, [2, 1], {}] },
    near: ['value_range', 'valueRange'],
  },
  randomErase: {
    ...drawn((x, seed, options) => augmentation.randomErase(x, seed, options), { size: [2, 2] }),
    right: { salt: 7, size: [9, 1], fillValue: 3 },
    wrong: { salt: [2 ** 32], size: [2, [0, 1], [1.5, 2], ['a', 'b'], 'x', null], fillValue: [null, 'x'] },
    near: ['fillvalue', 'fillValue'],
  },
  dropout: {
    run: inGraph((g, options) =>
      dropout(image(g), g.input('seed', [1], 'u32'), { rate: 0.5, salt: 1, ...(options as object) }),
    ),
    right: { rate: 0, salt: 2 ** 32 - 1 },
    wrong: { rate: [1, '0.5', null, undefined], salt: [-1, 2 ** 32, 0.5, undefined] },
    near: ['ratio', 'rate'],
  },
  matmul: {
    run: inGraph((g, options) => matmul(g.input('a', [4, 4]), g.input('b', [4, 4]), options)),
    right: { transposeA: true, transposeB: false, kernel: 'plain' },
    wrong: { transposeA: ['yes', 1], transposeB: [0, null] },
    near: ['transpose_a', 'transposeA'],
  },
  batchNormInference: {
    run: inGraph((g, options) => {
      const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map((name) => vector(g, name));
      return batchNormInference(image(g), gamma!, beta!, mean!, variance!, options);
    }),
    right: { epsilon: 0.1 },
    wrong: { epsilon: [0, '0.1', Number.NaN, null] },
    near: ['eps', 'epsilon'],
  },
  batchNormTraining: {
    run: inGraph((g, options) => batchNormTraining(image(g), vector(g, 'gamma'), vector(g, 'beta'), rows(g), options)),
    right: { epsilon: 0.1 },
    wrong: { epsilon: [0, '0.1', Number.NaN, null] },
    near: ['epsilons', 'epsilon'],
  },
  movingAverage: {
    run: inGraph((g, options) =>
      movingAverage(variable(g, 'v'), vector(g, 'x'), { momentum: 0.9, ...(options as object) }),
    ),
    right: { momentum: 1 },
    wrong: { momentum: [1.1, '0.9', undefined, null] },
    near: ['momentun', 'momentum'],
  },
  accumulate: {
    run: inGraph((g, options) =>
      accumulate(variable(g, 'state', [2]), vector(g, 'x'), rows(g), { slot: 0, slots: 2, ...(options as object) }),
    ),
    right: { slot: 1, slots: 2 },
    wrong: { slot: [2, -1, '0', undefined], slots: [0, '2', undefined] },
    near: ['weight', 'weights'],
  },
  clipScale: {
    run: inGraph((g, options) => clipScale(g.input('x', [1]), { clipNorm: 1, ...(options as object) })),
    right: { clipNorm: 2 },
    wrong: { clipNorm: [0, '1', undefined, Number.POSITIVE_INFINITY] },
    near: ['clipnorm', 'clipNorm'],
  },
  lossScaling: {
    run: inGraph((g, options) => {
      const { scale, steps } = lossScale();
      return lossScaling(g.variable(scale), g.variable(steps), [vector(g, 'dw')], options);
    }),
    right: { interval: 5 },
    wrong: { interval: [0, 0.5, '5', null] },
    near: ['intervall', 'interval'],
  },
  nonFinite: {
    run: inGraph((g, options) =>
      nonFinite(g.variable({ name: 'state', shape: [3], dtype: 'u32' }), [vector(g, 'x')], options),
    ),
    right: { first: 5 },
    wrong: { first: [-1, 0.5, '5', null] },
    near: ['frist', 'first'],
  },
  sgdUpdate: {
    run: inGraph((g, options) => sgdUpdate(variable(g, 'w'), [], vector(g, 'dw'), vector(g, 'hyper'), options)),
    right: { momentum: 0, nesterov: true },
    wrong: { momentum: ['0', -1, 2, null], nesterov: ['yes', 1] },
    near: ['nestrov', 'nesterov'],
  },
  adamUpdate: {
    run: inGraph((g, options) =>
      adamUpdate(variable(g, 'w'), [variable(g, 'm'), variable(g, 'v')], vector(g, 'dw'), vector(g, 'hyper'), {
        ...{ beta1: 0.9, beta2: 0.99, epsilon: 1e-7 },
        ...(options as object),
      }),
    ),
    right: { beta1: 0, beta2: 0, epsilon: 1 },
    wrong: { beta1: [1, '0.9', undefined], beta2: [1, undefined], epsilon: [0, '1', undefined] },
    near: ['beta_1', 'beta1'],
  },
  rmspropUpdate: {
    run: inGraph((g, options) =>
      rmspropUpdate(variable(g, 'w'), [variable(g, 'v')], vector(g, 'dw'), vector(g, 'hyper'), {
        ...{ rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
        ...(options as object),
      }),
    ),
    right: { rho: 0, epsilon: 1 },
    wrong: { rho: [1, '0.9', undefined], momentum: [2, undefined], epsilon: [0, undefined], centered: [1, undefined] },
    near: ['Rho', 'rho'],
  },
  plan: {
    run: inGraph((g, options) => plan(g, [sum(image(g))], options)),
    right: { fuse: false, target: { software: true, features: new Set() } },
    wrong: { target: ['cpu', 5], choose: ['fast', {}], fuse: ['no', 0], mixed: [true, 5], microBatches: [3] },
    near: ['fused', 'fuse'],
  },
};

const failure = (run: () => unknown): Error | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
};

describe.each(Object.entries(CALLS))('%s', (name, { run, right, wrong, near: [misspelt, meant] }) => {
  // The two pools of maxima call themselves by the same name.
  const called = name.replace('WithArgmax', '');

  test('what is right is taken', () => {
    expect(failure(() => run({} as never))).toBeUndefined();
    expect(failure(() => run(right as never))).toBeUndefined();
  });

  test('a misspelt name, and what was likely meant', () => {
    for (const [option, hint] of [
      [misspelt, meant],
      ['quite_different', undefined],
    ] as const) {
      const error = failure(() => run({ [option]: 1 } as never));
      expect(error, option).toBeInstanceOf(ArgumentError);
      expect(error!.message).toMatch(new RegExp(`^${called}: there is no option '${option}'; the options are \\w`));
      if (hint) expect(error!.message).toContain(`Did you mean '${hint}'?`);
      else expect(error!.message).not.toContain('Did you mean');
    }
  });

  test('values of wrong types', () => {
    for (const [option, values] of Object.entries(wrong)) {
      for (const value of values) {
        const given = `${option}: ${JSON.stringify(value)}`;
        const error = failure(() => run({ [option]: value } as never));
        expect(error?.name, `${given}: ${error}`).toMatch(/^(Argument|Shape)Error$/);
        expect(error!.message, given).toMatch(new RegExp(`^${called}\\b[^]*\\b${option}\\b`));
      }
    }
  });
});

test('options that are no object', () => {
  // Those that nothing is filled in for above.
  const straight = 'sum mean max conv2d conv2dFilterGrad conv2dInputGrad leakyRelu elu gelu matmul plan upSampling2d';
  for (const name of `${straight} batchNormInference batchNormTraining lossScaling nonFinite sgdUpdate`.split(' ')) {
    for (const options of [7, 'x', null, [], new Float32Array(2), () => {}]) {
      const error = failure(() => CALLS[name]!.run(options as never));
      expect(error, `${name} with ${String(options)}`).toBeInstanceOf(ArgumentError);
    }
  }
});

// biome-ignore lint/suspicious/noExplicitAny: plain JavaScript passes anything
const ops = engine as any;

test('of required options, one that is misspelt is named before it is missed', () => {
  const g = graph();
  const x = vector(g, 'x');
  const v = variable(g, 'v');
  const calls: readonly [() => unknown, string][] = [
    [() => ops.dropout(x, g.input('seed', [1], 'u32'), { p: 0.5, salt: 0 }), 'p'],
    [() => ops.clipScale(g.input('s', [1]), { norm: 1 }), 'norm'],
    [() => ops.movingAverage(v, x, { momentun: 1 }), 'momentun'],
    [() => ops.accumulate(v, x, rows(g), { slott: 0, slots: 4 }), 'slott'],
    [() => ops.adamUpdate(v, [v, v], x, x, { beta_1: 0.9, beta2: 0.9, epsilon: 1 }), 'beta_1'],
  ];
  for (const [call, name] of calls) expect(failure(call)?.message).toContain(`there is no option '${name}'`);
});

test('an op without options takes no object in their place, but what map and reduce hand on', () => {
  const g = graph();
  const [x, y, labels] = [g.input('x2', [2, 4]), g.input('y', [2, 4]), g.input('labels', [2], 'i32')];
  const [bias, column, pixels] = [vector(g, 'bias'), g.input('column', [2, 1]), image(g)];
  const calls: Record<string, readonly unknown[]> = {
    ...Object.fromEntries(
      'softmax logSoftmax relu tanh sigmoid softplus sumOfSquares flatten copy'.split(' ').map((op) => [op, [x]]),
    ),
    ...{
      globalAvgPool2d: [pixels],
      pad2d: [
        pixels,
        [
          [1, 1],
          [1, 1],
        ],
      ],
      reshape: [x, [8]],
      sumTo: [x, [4]],
    },
    ...{ add: [x, y], mul: [x, y], meanSquaredError: [x, y], meanAbsoluteError: [x, y], binaryCrossEntropy: [x, y] },
    ...{ softmaxCrossEntropy: [x, labels], correct: [x, labels], correctBinary: [column, column], biasAdd: [x, bias] },
    ...{ broadcastTo: [bias, [2, 4], 1], weightedMean: [g.input('v', [2]), g.input('w', [2]), rows(g)] },
    ...{ gatherRows: [x, g.input('indices', [2], 'u32'), g.input('count', [1], 'u32')] },
  };
  for (const [name, inputs] of Object.entries(calls)) {
    expect(
      failure(() => ops[name](...inputs, { axis: 0 })),
      name,
    ).toBeInstanceOf(ArgumentError);
    expect(failure(() => ops[name](...inputs, { axis: 0 }))!.message).toContain(`${name} takes no options`);
    expect(
      failure(() => ops[name](...inputs, 1, [])),
      name,
    ).toBeUndefined();
  }
  expect([x, y].map(engine.sumOfSquares).reduce(engine.add).shape).toEqual([1]);
});

test('a kernel, a type of elements and a first scale that do not exist', () => {
  const g = graph();
  const [x, w] = [image(g), filter(g)];
  for (const kernel of ['fastest', 5, null]) {
    const calls = [
      () => ops.conv2d(x, w, { kernel }),
      () => ops.conv2dTranspose(g.input(`x${kernel}`, [2, 4, 4, 8]), w, { kernel }),
      () => ops.conv2dFilterGrad(x, g.input(`dy${kernel}`, [2, 4, 4, 8]), [3, 3, 4, 8], { kernel }),
      () => ops.conv2dMaxPool(x, w, { poolSize: 2, kernel }),
      () => ops.matmul(g.input(`a${kernel}`, [4, 4]), g.input(`b${kernel}`, [4, 4]), { kernel }),
    ];
    for (const call of calls)
      expect(failure(call)?.message, `${call}`).toMatch(/kernel must be 'plain|kernel must be 'column/);
    expect(failure(() => ops.conv2dMaxPool(x, w, { poolSize: 2, gradKernel: kernel }))?.message).toMatch(
      /gradKernel must be/,
    );
  }
  // One that exists, and cannot do the case, is ignored.
  expect(failure(() => ops.conv2d(x, w, { kernel: 'depthwise' }))).toBeUndefined();
  expect(failure(() => g.input('q', [3], 'float32' as never))?.message).toMatch(
    /dtype must be 'f32', 'i32' or 'u32', got 'float32'/,
  );
  for (const initial of ['1', Number.NaN, 0, -1])
    expect(
      failure(() => ops.lossScale(initial)),
      `${initial}`,
    ).toBeInstanceOf(ArgumentError);
  for (const indices of [5, null, [1, 2]])
    expect(
      failure(() => ops.shuffle(indices)),
      `${indices}`,
    ).toBeInstanceOf(ArgumentError);
});

const OWN = { name: 'own', outputs: () => [] };

test('what is no tensor, no shape and no list of tensors', () => {
  const g = graph();
  const [a, b, x, w] = [g.input('a', [3, 4]), vector(g, 'b'), image(g), filter(g)];
  const notTensor: readonly [() => unknown, RegExp][] = [
    [() => ops.add(a, 1), /add: input 1 must be a tensor made by a graph, got 1/],
    [() => ops.add(1, a), /add: input 0 must be a tensor made by a graph, got 1/],
    [() => ops.mul(a), /mul: input 1 must be a tensor.*got undefined/],
    [() => ops.biasAdd(a, [1]), /biasAdd: input 1 .*got \[1\]/],
    [() => ops.matmul(a, new Float32Array(9)), /matmul: input 1 .*a Float32Array of 9|matmul: input 1 .*length 9/],
    [() => ops.softmaxCrossEntropy(a), /softmaxCrossEntropy: input 1/],
    [() => ops.softmaxCrossEntropy(a, new Int32Array(3)), /softmaxCrossEntropy: input 1 .*Int32Array/],
    [() => ops.meanSquaredError(a), /meanSquaredError: input 1/],
    [() => ops.batchNormTraining(x, b, b), /batchNormTraining: input 3 .*got undefined/],
    [() => ops.batchNormTraining(x, b, b, { epsilon: 1 }), /batchNormTraining: input 3 .*got \{"epsilon":1\}/],
    [() => ops.conv2dMaxPool(x, w, { poolSize: 2, bias: [1] }), /input 2 .*got \[1\]/],
    [() => ops.conv2d(x, [1]), /conv2d: input 1 .*got \[1\]/],
    [() => ops.conv2dTranspose(x), /conv2dTranspose: input 1 .*got undefined/],
    [() => ops.upSampling2d(2), /upSampling2d: input 0 .*got 2/],
    [() => ops.sum([1]), /sum: input 0/],
    [() => ops.maxPool2d(5, { poolSize: 2 }), /maxPool2d: input 0/],
    [() => ops.globalAvgPool2d(), /globalAvgPool2d: input 0/],
    [() => ops.flatten(5), /flatten: input 0/],
    [() => ops.gradients([1], [a]), /gradients: input 0/],
    [() => ops.gradients(ops.sum(a), a), /gradients: xs must be a list/],
    [() => ops.gradients(ops.sum(a), [a], 1), /gradients: input 2/],
    [() => ops.nonFinite(g.variable({ name: 's', shape: [3], dtype: 'u32' }), a), /nonFinite: tensors must be a list/],
    [() => ops.lossScaling(b, b, b), /lossScaling: gradients must be a list/],
    [() => ops.clipByGlobalNorm(a, 1), /clipByGlobalNorm: gradients must be a list/],
    [() => ops.plan(g, a), /plan: outputs must be a list/],
    [() => ops.plan(g, [1]), /plan: input 0/],
    [() => ops.pad2d(x, 1), /pad2d: padding must be \[\[top, bottom\], \[left, right\]\].*got 1/],
    [() => ops.pad2d(x, { top: 1 }), /pad2d: padding must be .*got \{"top":1\}/],
    [() => ops.reshape(a, 12), /reshape: a shape is a list of positive integers, got 12/],
    [() => ops.reshape(a, { shape: [12] }), /reshape: a shape is a list .*got \{"shape":\[12\]\}/],
    [() => ops.broadcastTo(a, 4), /broadcastTo: a shape is a list/],
    [() => ops.sumTo(a, 3), /sumTo: a shape is a list/],
    [() => ops.conv2dFilterGrad(x, w), /conv2dFilterGrad: a shape is a list .*got undefined/],
    [() => ops.conv2dInputGrad(x, w), /conv2dInputGrad: a shape is a list .*got undefined/],
    [() => ops.fill(g, 5, 1), /a shape is a list/],
    [() => ops.fill(undefined, [5], 1), /fill: graph must be/],
    [() => ops.applyOp(() => {}, [a]), /applyOp: op must be an object, got/],
    [() => ops.applyOp({ outputs: () => [] }, [a]), /applyOp: op.name must be a text, got undefined/],
    [() => ops.applyOp({ name: 'own' }, [a]), /applyOp: op.outputs must be a function, got undefined/],
    [() => ops.applyOp(OWN, a), /own: inputs must be a list/],
    [() => ops.applyOp(OWN, []), /own: inputs must have a tensor/],
    [() => ops.applyOp(OWN, [1]), /own: input 0 must be a tensor made by a graph, got 1/],
    [() => (g as never as { variable(): void }).variable(), /graph: variable must be an object, got undefined/],
    [() => (g as never as { input(): void }).input(), /graph: name must be a text, got undefined/],
  ];
  for (const [call, message] of notTensor) {
    const error = failure(call);
    expect(error?.name, `${call}: ${error}`).toMatch(/^(Argument|Shape)Error$/);
    expect(error!.message).toMatch(message);
  }
});

test('every export that takes options is above, or has tests of its own', () => {
  const elsewhere =
    /^(sgd|rmsprop|adamw?|earlyStopping|requestDevice|isSupported|session|loadModel|resume|exampleGradients|trainingStep|fromPixels|imageDataset)$|(Schedule|Decay)$/;
  // By the number of operands: those of the engine that take options have a parameter more than is said here.
  const without: Record<string, number> = {
    ...{
      add: 2,
      addScaled: 3,
      applyOp: 3,
      arange: 3,
      biasAdd: 2,
      binaryCrossEntropy: 2,
      broadcastTo: 3,
      clipByGlobalNorm: 4,
      copy: 1,
      correct: 2,
      dataset: 1,
    },
    ...{ correctBinary: 2, databaseStore: 0, fileStore: 1, fill: 3, flatten: 1, gatherRows: 3, globalAvgPool2d: 1 },
    ...{ centerCrop: 2, flatGrid: 2, registerLayer: 1, registerAugmentation: 0 },
    ...{ gradients: 3, graph: 0, learningRateScheduler: 1, logSoftmax: 1, lossScale: 0, meanAbsoluteError: 2 },
    ...{
      meanSquaredError: 2,
      mul: 2,
      listModels: 0,
      ndarray: 2,
      nonFiniteIn: 1,
      optimizerFromConfig: 2,
      pad2d: 2,
      privateFileStore: 1,
    },
    ...{
      readSafetensors: 1,
      relu: 1,
      removeModel: 1,
      reshape: 2,
      scheduleFromConfig: 1,
      sequential: 1,
      shuffle: 1,
      sigmoid: 1,
    },
    ...{
      snapshotFile: 1,
      softmax: 1,
      softmaxCrossEntropy: 2,
      softplus: 1,
      sumOfSquares: 1,
      sumTo: 2,
      tangentKernel: 2,
      tanh: 1,
    },
    ...{ weightedMean: 3, writeSafetensors: 2 },
  };
  // The layers of augmentation, whose options layerOptions.test.ts has.
  const isLayer = (name: string) => AUGMENTATION.includes(name);
  const functions = [...Object.entries(engine), ...Object.entries(augmentation)].filter(
    ([, value]) => typeof value === 'function' && !/^class/.test(`${value}`),
  );
  expect(functions.length).toBeGreaterThan(60);
  for (const [name, value] of functions) {
    if (name in CALLS || elsewhere.test(name) || isLayer(name)) continue;
    expect(without[name], `${name} takes options that no test knows of, or is new`).toBeDefined();
    expect((value as () => unknown).length, name).toBeLessThanOrEqual(without[name]!);
  }
});
