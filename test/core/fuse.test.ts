/** Fusion: for each rule, the fused and the plain step agree, and a chain that something else looks into stays as it is. */
import { describe, expect, test } from 'vitest';
import {
  adam,
  type Graph,
  gradients,
  graph,
  type Optimizer,
  plan,
  rmsprop,
  Session,
  sgd,
  type Tensor,
  type Variable,
} from '../../src/index.ts';
import { clipByGlobalNorm } from '../../src/nn/optimizers.ts';
import {
  accumulate,
  biasAdd,
  type Conv2dOptions,
  conv2d,
  correct,
  elu,
  gelu,
  leakyRelu,
  matmul,
  maxPool2d,
  maxPool2dWithArgmax,
  mul,
  relu,
  sigmoid,
  softmax,
  softmaxCrossEntropy,
  softplus,
  sum,
  tanh,
  weightedMean,
} from '../../src/ops/index.ts';
import type { MatmulKernel } from '../../src/ops/matmul.ts';
import { packVariables } from '../../src/plan/packing.ts';
import { elements, type HostArray } from '../../src/tensor.ts';
import { array64, expectClose, randomArray, randomIntegers, randomStream, type Tolerance } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';
import { feed } from '../support/session.ts';

const TOLERANCE: Tolerance = { error: 3e-5, why: 'the same float32 sums in another order' };

type Feeds = readonly (readonly [Tensor, ArrayLike<number>])[];

/** Labels of a graph's plan, fused or as it is. */
function labelsOf(g: Graph, outputs: readonly Tensor[], fuse = true): string[] {
  return plan(g, outputs, { fuse }).dispatches.map(({ label }) => label.split(':')[0]!);
}

/** Runs some steps. @returns the outputs' values, and those of the variables */
async function run(
  g: Graph,
  feeds: Feeds,
  outputs: readonly Tensor[],
  fuse: boolean,
  steps = 1,
): Promise<{ label: string; data: HostArray; shape: readonly number[] }[]> {
  const device = await testDevice();
  const session = await Session.create(device, plan(g, outputs, { target: device.target, fuse }));
  try {
    for (const [input, values] of feeds) if (session.uses(input)) feed(session, input, values);
    for (let i = 0; i < steps; i++) session.run();
    const variables = [...g.variables.values()].filter(({ variable }) => !variable!.spans);
    return await Promise.all([
      ...outputs.map(async (t) => ({ label: t.name, data: await session.read(t), shape: t.shape })),
      ...variables.map(async ({ name, shape, variable }) => {
        return { label: name, data: await session.variables.read(variable!), shape };
      }),
    ]);
  } finally {
    session.destroy();
  }
}

/** The plain step is the reference of the fused one. */
async function expectSame(g: Graph, feeds: Feeds, outputs: readonly Tensor[], steps = 1): Promise<void> {
  const plain = await run(g, feeds, outputs, false, steps);
  const fused = await run(g, feeds, outputs, true, steps);
  fused.forEach(({ label, data }, i) => {
    expect(plain[i]!.data.some((value) => value !== 0)).toBe(true);
    expectClose(label, data, array64(plain[i]!.shape, plain[i]!.data), TOLERANCE);
  });
}

/** Inputs of these shapes with random values. */
function randomInputs(g: Graph, shapes: Readonly<Record<string, readonly number[]>>, seed = 1) {
  const random = randomStream(seed);
  const feeds = Object.entries(shapes).map(
    ([name, shape]) => [g.input(name, shape), randomArray(shape, random).data] as const,
  );
  return { feeds, inputs: feeds.map(([input]) => input) };
}

describe('convolution + bias + relu + max-pool', () => {
  interface Net {
    readonly x?: readonly number[];
    readonly w?: readonly number[];
    readonly poolSize?: number;
    readonly bias?: boolean;
    readonly activation?: boolean;
  }

  /** y and its gradients by x, w and perhaps the bias, with a random upstream gradient. */
  function build({ x = [2, 18, 17, 1], w = [5, 5, 1, 8], poolSize = 4, bias = true, activation = true }: Net) {
    const g = graph();
    const { feeds, inputs } = randomInputs(g, { x, w, b: [w[3]!] });
    const [xs, ws, b] = inputs as [Tensor, Tensor, Tensor];
    const conv = conv2d(xs, ws);
    const sums = bias ? biasAdd(conv, b) : conv;
    const map = activation ? relu(sums) : sums;
    const y = maxPool2d(map, { poolSize });
    const dy = g.input('dy', y.shape);
    const all = [...feeds, [dy, randomArray(y.shape, randomStream(9)).data] as const];
    const [dx, dw, db] = gradients(y, bias ? [xs, ws, b] : [xs, ws], dy);
    return { g, feeds: all, conv, map, y, dx: dx!, dw: dw!, db: db! };
  }

  const nets: Net[] = [
    {},
    { bias: false },
    { activation: false },
    { bias: false, activation: false },
    { x: [2, 12, 13, 8], w: [2, 2, 8, 8] },
    { x: [1, 9, 11, 3], w: [3, 3, 3, 4], poolSize: 2 },
  ];
  test.each(nets)('agrees, forward and gradients: %j', async (net) => {
    const { g, feeds, y, dx, dw, db } = build(net);
    const outputs = [y, dx, dw, ...(db ? [db] : [])];
    const labels = labelsOf(g, outputs);
    expect(labels).toContain('conv2dMaxPool');
    expect(
      labels.filter((label) => /^(conv2d|biasAdd|relu|maxPool2d|reluGrad|maxPool2dGrad|sum)$/.test(label)),
    ).toEqual([]);
    await expectSame(g, feeds, outputs);
  });

  test('only what is asked for is computed', () => {
    const { g, y, dx, dw, db } = build({});
    const gradientsOf = (...outputs: Tensor[]) => [
      ...new Set(labelsOf(g, [y, ...outputs]).filter((label) => label.endsWith('Grad'))),
    ];
    expect(gradientsOf()).toEqual([]);
    expect(gradientsOf(dw)).toEqual(['conv2dMaxPoolFilterGrad']);
    expect(gradientsOf(db)).toEqual(['conv2dMaxPoolFilterGrad']);
    expect(gradientsOf(dx)).toEqual(['conv2dMaxPoolInputGrad']);
  });

  test('each gradient by itself agrees', async () => {
    for (const which of ['dx', 'dw', 'db'] as const) {
      const net = build({});
      await expectSame(net.g, net.feeds, [net[which]]);
    }
  });

  test('a feature map that is wanted is written, with the same values', async () => {
    const net = build({});
    for (const outputs of [
      [net.map, net.y, net.dw],
      [net.conv, net.y, net.dw],
    ]) {
      expect(labelsOf(net.g, outputs)).not.toContain('conv2dMaxPool');
      await expectSame(net.g, net.feeds, outputs);
    }
  });

  test('positions that are wanted, other readers, other windows and chosen kernels are left alone', () => {
    const g = graph();
    const { inputs } = randomInputs(g, { x: [1, 10, 10, 1], w: [3, 3, 1, 4] });
    const [x, w] = inputs as [Tensor, Tensor];
    const { y, argmax } = maxPool2dWithArgmax(conv2d(x, w), { poolSize: 2 });
    const conv = conv2d(x, w);
    const others = [
      [y, argmax],
      [maxPool2d(conv, { poolSize: 2 }), mul(conv, conv)],
      [maxPool2d(conv2d(x, w), { poolSize: 3, strides: 2 })],
      [maxPool2d(conv2d(x, w), { poolSize: 3, padding: 'same' })],
      [maxPool2d(conv2d(x, w, { kernel: 'tile' }), { poolSize: 2 })],
    ];
    for (const outputs of others) expect(labelsOf(g, outputs)).not.toContain('conv2dMaxPool');
  });
});

interface ActivationCase {
  readonly name: string;
  readonly of: (x: Tensor) => Tensor;
  /** Its gradient reads the sum before it. */
  readonly readsSum?: boolean;
}

const ACTIVATIONS: readonly ActivationCase[] = [
  { name: 'relu', of: relu },
  { name: 'leakyRelu', of: leakyRelu },
  { name: 'leakyRelu', of: (x) => leakyRelu(x, { alpha: 0 }) },
  { name: 'leakyRelu', of: (x) => leakyRelu(x, { alpha: -0.5 }), readsSum: true },
  { name: 'elu', of: elu },
  { name: 'elu', of: (x) => elu(x, { alpha: 0.5 }) },
  { name: 'elu', of: (x) => elu(x, { alpha: -2 }), readsSum: true },
  { name: 'sigmoid', of: sigmoid },
  { name: 'tanh', of: tanh },
  { name: 'gelu', of: gelu, readsSum: true },
  { name: 'gelu', of: (x) => gelu(x, { approximate: true }), readsSum: true },
  { name: 'softplus', of: softplus, readsSum: true },
];

/** For kernels that take software adapters a second to compile: the simplest, one with a constant, one with functions of its own. */
const FEW = [0, 5, 9].map((i) => ACTIVATIONS[i]!);

/** What may follow a product, as nodes of its own. */
const FOLLOWERS = /^(biasAdd|relu|leakyRelu|elu|sigmoid|tanh|gelu|softplus)$/;

/** A product and what it is made of; the bias has as many elements as the product's last axis. */
interface Product {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly of: (x: Tensor, w: Tensor) => Tensor;
  /** Values that are passed on as they are by one product by 1 each. */
  readonly one: readonly [x: readonly number[], w: readonly number[]];
  readonly activations?: readonly ActivationCase[];
}

/** Each activation behind the same product, with and without a bias: forward, gradients, and where float32 ends. */
function describeEpilogue(op: string, products: readonly (Product & { readonly why: string })[]): void {
  test.each(products)('agrees with each activation: $why', async ({ x, w, of, activations = ACTIVATIONS }) => {
    const g = graph();
    const { feeds, inputs } = randomInputs(g, { x, w, b: [w.at(-1)!] });
    const [xs, ws, b] = inputs as [Tensor, Tensor, Tensor];
    const sums = () => [biasAdd(of(xs, ws), b), of(xs, ws)];
    const ys = activations.flatMap((activation) => sums().map((t) => activation.of(t)));
    const outputs = [...ys, sums()[0]!];
    // As many dispatches as the products alone.
    const labels = outputs.flatMap(() => labelsOf(g, [of(xs, ws)]));
    expect(new Set(labels)).toEqual(new Set([op]));
    expect(labelsOf(g, outputs)).toEqual(labels);
    await expectSame(g, feeds, outputs);
  });

  test.each(products)('agrees with gradients: $why', async ({ x, w, of, activations = ACTIVATIONS }) => {
    for (const which of [activations.filter((a) => !a.readsSum), activations.filter((a) => a.readsSum)]) {
      const g = graph();
      const { feeds, inputs } = randomInputs(g, { x, w, b: [w.at(-1)!] });
      const [xs, ws, b] = inputs as [Tensor, Tensor, Tensor];
      const outputs = which.flatMap((activation) => {
        const y = activation.of(biasAdd(of(xs, ws), b));
        const unbiased = activation.of(of(xs, ws));
        const upstream = [y, unbiased].map((t) => sum(mul(t, t)));
        return [y, ...gradients(upstream[0]!, [xs, ws, b]), ...gradients(upstream[1]!, [xs, ws])];
      });
      // One that reads the sum has it written, with its bias: the activation is a node of its own.
      const apart = which.flatMap(({ name, readsSum }) => (readsSum ? [name, name] : []));
      expect(labelsOf(g, outputs).filter((label) => FOLLOWERS.test(label))).toEqual(apart);
      await expectSame(g, feeds, outputs);
    }
  });

  test.each(products)(
    'where float32 ends, and for NaN, the same bits: $why',
    async ({ of, one: [x, w], activations = ACTIVATIONS }) => {
      const values = [Number.NaN, 0, ...[Infinity, 3e38, 100, 15, 1, 1e-3, 1e-30].flatMap((v) => [v, -v])];
      const g = graph();
      const [xs, ws] = [g.input('x', x), g.input('w', w)];
      const feeds = [
        [xs, Array.from({ length: elements(x) }, (_, i) => values[i % values.length]!)],
        [ws, new Array(elements(w)).fill(1)],
      ] as const;
      const ys = activations.map((activation) => activation.of(of(xs, ws)));
      const [plain, fused] = [await run(g, feeds, ys, false), await run(g, feeds, ys, true)];
      fused.forEach(({ label, data }, i) => {
        expect([...data], label).toEqual([...plain[i]!.data]);
      });
    },
  );
}

describe('convolution + bias + activation', () => {
  const product = (x: number[], w: number[], options: Conv2dOptions = {}) => ({
    ...{ x, w, of: (xs: Tensor, ws: Tensor) => conv2d(xs, ws, options) },
    one: [
      [1, 1, 40, w[2] === 1 ? x[3]! : 1],
      [1, 1, 1, w[3]!],
    ] as const,
  });
  describeEpilogue('conv2d', [
    { why: 'rows', ...product([2, 9, 16, 1], [3, 3, 1, 8], { kernel: 'rows' }) },
    { why: 'tile, by elements', ...product([2, 9, 9, 3], [3, 3, 3, 4], { strides: 2, kernel: 'tile' }) },
    {
      why: 'tile, by vec4s, same padding',
      ...product([1, 7, 6, 8], [3, 3, 8, 12], { padding: 'same', kernel: 'tile' }),
    },
    { why: 'depthwise', ...product([1, 8, 8, 8], [3, 3, 1, 8], { groups: 8 }) },
    { why: 'gemm, by vec4s', activations: FEW, ...product([2, 5, 6, 3], [2, 3, 3, 8], { kernel: 'gemm' }) },
    { why: 'gemm, two parts', activations: FEW, ...product([1, 4, 5, 36], [3, 3, 36, 8], { kernel: 'gemm' }) },
  ]);

  test('what no fast kernel does stays apart', () => {
    const g = graph();
    const { inputs } = randomInputs(g, { x: [1, 6, 6, 6], w: [3, 3, 2, 9], b: [9] });
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
    expect(labelsOf(g, [elu(biasAdd(conv2d(x, w, { groups: 3 }), b))])).toEqual(['conv2d', 'biasAdd', 'elu']);
  });

  test('functions of several elements stay apart, and so does all behind the first activation', () => {
    const g = graph();
    const { inputs } = randomInputs(g, { x: [1, 6, 6, 3], w: [3, 3, 3, 8] });
    const [x, w] = inputs as [Tensor, Tensor];
    expect(labelsOf(g, [softmax(conv2d(x, w))])).toEqual(['conv2d', 'softmax']);
    expect(labelsOf(g, [tanh(elu(conv2d(x, w)))])).toEqual(['conv2d', 'tanh']);
  });
});

describe('matmul + bias + activation', () => {
  const product = (m: number, k: number, n: number, kernel?: MatmulKernel) => ({
    ...{ x: [m, k], w: [k, n], of: (xs: Tensor, ws: Tensor) => matmul(xs, ws, { kernel }) },
    one: [
      [40, 1],
      [1, n],
    ] as const,
  });
  describeEpilogue('matmul', [
    { why: 'tiled, odd sizes', ...product(5, 7, 3, 'tiled') },
    { why: 'tiled, k in parts', ...product(2, 999, 6, 'tiled') },
    { why: 'the one that is chosen', ...product(33, 64, 128) },
    { why: 'workgroups', activations: FEW, ...product(9, 20, 8, 'workgroup64') },
    { why: 'workgroups, odd sizes', activations: FEW, ...product(5, 7, 6, 'workgroup64') },
    { why: 'workgroups, k in parts', activations: FEW, ...product(3, 301, 5, 'workgroup64') },
    { why: 'large workgroups', activations: FEW, ...product(40, 12, 36, 'workgroup128') },
  ]);

  test('a product that is wanted before its bias stays apart', () => {
    const g = graph();
    const { inputs } = randomInputs(g, { x: [5, 7], w: [7, 3], b: [3] });
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
    const y = matmul(x, w);
    expect(labelsOf(g, [y, elu(biasAdd(y, b))])).toEqual(['matmul', 'biasAdd', 'elu']);
  });

  test('a sum that is wanted before its activation is written; a kernel that was asked for and cannot is left alone', () => {
    const g = graph();
    const { inputs } = randomInputs(g, { x: [5, 7], w: [7, 3], b: [3] });
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
    const sums = biasAdd(matmul(x, w), b);
    expect(labelsOf(g, [sums, elu(sums)])).toEqual(['matmul', 'elu']);
    expect(labelsOf(g, [elu(matmul(x, w, { kernel: 'plain' }))])).toEqual(['matmul', 'elu']);
  });
});

describe('softmax + cross-entropy + metrics', () => {
  const CASES = [
    { rows: 7, real: 5, classes: 3, oneHot: false },
    { rows: 70, real: 70, classes: 2, oneHot: false },
    { rows: 9, real: 9, classes: 4, oneHot: true },
    { rows: 130, real: 101, classes: 10, oneHot: true },
  ] as const;

  function build(
    { rows, real, classes, oneHot }: (typeof CASES)[number],
    parts: { accuracy: boolean; train: boolean },
  ) {
    const g = graph();
    const random = randomStream(rows);
    const logits = g.input('logits', [rows, classes]);
    const labels = oneHot ? g.input('labels', [rows, classes]) : g.input('labels', [rows], 'i32');
    const [count, weights] = [g.input('rows', [1], 'u32'), g.input('weights', [rows])];
    const state = g.variable({ name: 'state', shape: [2], dtype: 'f32' });
    const losses = softmaxCrossEntropy(logits, labels);
    accumulate(state, losses, count, { slot: 0, slots: 2, weights });
    if (parts.accuracy) accumulate(state, correct(logits, labels), count, { slot: 1, slots: 2 });
    const outputs = parts.train ? gradients(weightedMean(losses, weights, count), [logits]) : [];
    const feeds: Feeds = [
      [logits, randomArray([rows, classes], random).data.map((v) => 4 * v)],
      [
        labels,
        oneHot ? randomArray([rows, classes], random).data.map(Math.abs) : randomIntegers([rows], classes, random).data,
      ],
      [count, [real]],
      // Row 2 counts nothing, though it is no padding.
      [weights, Array.from({ length: rows }, (_, i) => (i < real && i !== 2 ? 0.5 + i / rows : 0))],
    ];
    return { g, feeds, outputs };
  }

  const PARTS = [
    { accuracy: true, train: true },
    { accuracy: false, train: true },
    { accuracy: true, train: false },
  ];
  test.each(CASES.flatMap((c) => PARTS.map((parts) => ({ ...c, ...parts }))))(
    'agrees over two steps: %j',
    async (c) => {
      const { g, feeds, outputs } = build(c, c);
      expect(labelsOf(g, outputs)).toEqual(['softmaxCrossEntropyTotals']);
      await expectSame(g, feeds, outputs, 2);
    },
  );

  test('rows of weight 0 count nothing, even if their logits are not finite', async () => {
    const { g, feeds, outputs } = build({ rows: 7, real: 5, classes: 3, oneHot: false } as never, PARTS[0]!);
    const [[logits, values], ...rest] = feeds as [Feeds[number], ...Feeds[number][]];
    const spoilt = Float64Array.from(values).fill(Number.NaN, 18);
    const [good, bad] = [await run(g, feeds, outputs, true), await run(g, [[logits, spoilt], ...rest], outputs, true)];
    expect(bad.map(({ data }) => [...data])).toEqual(good.map(({ data }) => [...data]));
  });

  test('weights that are computed after the loss are waited for', async () => {
    const g = graph();
    const [logits, labels] = [g.input('logits', [3, 2]), g.input('labels', [3], 'i32')];
    const [rows, given] = [g.input('rows', [1], 'u32'), g.input('given', [3])];
    const state = g.variable({ name: 'state', shape: [1], dtype: 'f32' });
    const losses = softmaxCrossEntropy(logits, labels);
    const weights = mul(given, given);
    accumulate(state, losses, rows, { slot: 0, slots: 1, weights });
    expect(labelsOf(g, [])).toEqual(['softmaxCrossEntropy', 'mul', 'accumulate']);
    await expectSame(
      g,
      [
        [logits, [1, 2, 3, 1, 0, 1]],
        [labels, [0, 1, 1]],
        [rows, [3]],
        [given, [1, 2, 3]],
      ],
      [],
    );
  });

  test('a loss that something else looks at stays apart', () => {
    const g = graph();
    const [logits, labels] = [g.input('logits', [4, 3]), g.input('labels', [4], 'i32')];
    const [rows, weights] = [g.input('rows', [1], 'u32'), g.input('weights', [4])];
    const state = g.variable({ name: 'state', shape: [1], dtype: 'f32' });
    const losses = softmaxCrossEntropy(logits, labels);
    accumulate(state, losses, rows, { slot: 0, slots: 1, weights });
    expect(labelsOf(g, [losses])).toEqual(['softmaxCrossEntropy', 'accumulate']);
    expect(labelsOf(g, [weightedMean(losses, weights, rows)])).toContain('softmaxCrossEntropy');
  });
});

describe('optimizer updates', () => {
  const SHAPES = [[5, 5, 1, 8], [8], [33, 3], [3]] as const;

  /** A loss by four weights, whose gradients are all different, and their updates. */
  function build(optimizer: Optimizer, frozen: readonly number[] = []) {
    const g = graph();
    const random = randomStream(3);
    const initial = SHAPES.map((shape) => Float32Array.from(randomArray(shape, random).data));
    const plain = SHAPES.map((shape, i): Variable => {
      return { name: `w${i}`, shape, dtype: 'f32', initial: () => initial[i]! };
    });
    const weights = packVariables('weights', plain);
    const trained = weights.filter((_, i) => !frozen.includes(i));
    const slots = trained.map((weight) => optimizer.slots(weight));
    const packed = slots[0]!.map((_, kind) =>
      packVariables(
        `slot${kind}`,
        slots.map((ofWeight) => ofWeight[kind]!),
      ),
    );
    const tensors = weights.map((weight) => g.variable(weight));
    const parts = tensors.map((tensor) => sum(mul(tensor, mul(tensor, tensor))));
    const loss = parts.reduce((a, b) => mul(a, b));
    const wanted = trained.map((weight) => g.variable(weight));
    const { globalClipNorm } = optimizer;
    const raw = gradients(loss, wanted);
    const dws = globalClipNorm === undefined ? raw : clipByGlobalNorm(raw, globalClipNorm);
    const hyper = g.input('hyper', [4]);
    wanted.forEach((w, i) => {
      optimizer.update(
        w,
        packed.map((kind) => g.variable(kind[i]!)),
        dws[i]!,
        hyper,
      );
    });
    return { g, feeds: [[hyper, [0.01, 0.001, 0, 0]]] as Feeds };
  }

  const updates = (g: Graph) => labelsOf(g, []).filter((label) => /Update$/.test(label)).length;

  test.each([
    ['adam', adam()],
    ['sgd', sgd()],
    ['sgd with momentum', sgd({ momentum: 0.9, nesterov: true })],
    ['rmsprop', rmsprop({ momentum: 0.5, centered: true })],
    ['adam, clipped', adam({ globalClipNorm: 0.3 })],
  ])('%s: one dispatch, and the same weights and state after three steps', async (_, optimizer) => {
    const { g, feeds } = build(optimizer);
    expect(labelsOf(g, [], false).filter((label) => /Update$/.test(label))).toHaveLength(4);
    expect(updates(g)).toBe(1);
    await expectSame(g, feeds, [], 3);
  });

  test('a frozen weight in between splits the range; its value stays', async () => {
    const { g, feeds } = build(adam(), [1]);
    expect(updates(g)).toBe(2);
    await expectSame(g, feeds, [], 2);
  });

  test('a weight that is read between updates is read as it was updated', async () => {
    const g = graph();
    const hyper = g.input('hyper', [4]);
    const [a, b] = packVariables(
      'weights',
      ['a', 'b'].map((name): Variable => {
        return { name, shape: [4], dtype: 'f32', initial: () => Float32Array.of(1, 2, 3, 4) };
      }),
    ).map((variable) => g.variable(variable)) as [Tensor, Tensor];
    const [da, db] = [mul(a, a), mul(b, b)];
    sgd().update(a, [], da, hyper);
    const seen = mul(a, a);
    sgd().update(b, [], db, hyper);
    expect(labelsOf(g, [seen]).filter((label) => /Update$/.test(label))).toHaveLength(2);
    await expectSame(g, [[hyper, [0.1, 0, 0, 0]]], [seen]);
  });

  test('weights apart from one another are updated apart', () => {
    const g = graph();
    const hyper = g.input('hyper', [4]);
    for (const name of ['a', 'b']) {
      const w = g.variable({ name, shape: [4], dtype: 'f32' });
      sgd().update(w, [], mul(w, w), hyper);
    }
    expect(updates(g)).toBe(2);
  });
});

describe('packVariables', () => {
  test('keeps the order, aligns, and starts a new buffer where one is full', () => {
    const variable = (name: string, n: number): Variable => ({ name, shape: [n], dtype: 'f32' });
    const [a, b, c, d] = packVariables('all', [
      variable('a', 3),
      variable('b', 100),
      variable('c', 16 * 2 ** 20),
      variable('d', 1),
    ]) as [Variable, Variable, Variable, Variable];
    expect([a.part?.offset, b.part?.offset]).toEqual([0, 512]);
    expect(a.part!.of).toBe(b.part!.of);
    expect(elements(a.part!.of.shape)).toBe((512 + 512) / 4);
    expect(c.part).toBeUndefined(); // it fills a buffer by itself
    expect(d.part).toBeUndefined();
  });
});
