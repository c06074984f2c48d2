import { gzipSync } from 'node:zlib';
import { conv2d, graph, relu } from 'neurite';
import { expect, test } from 'vitest';
import { type LayerData, makeBatch, sizedLayers } from '../bench/batch.ts';
import { bundle, sizeOf } from '../bench/bundles.ts';
import { type Contender, runContender } from '../bench/contender.ts';
import { convCases, keyOf, matmulCases } from '../bench/kernelCases.ts';
import { NEURITE } from '../bench/libraries.ts';
import { compareLosses } from '../bench/losses.ts';
import { divided, significant, time, timing } from '../bench/measure.ts';
import { referenceLoss } from '../bench/reference.ts';
import type { BenchReport } from '../bench/report.ts';
import { runBench } from '../bench/run.ts';
import { stepTable } from '../bench/tables.ts';
import { judge } from '../bench/targets.ts';
import { bytesOf, flopsOf } from '../bench/work.ts';
import { ANY_GPU } from '../src/graph.ts';

const TOY: LayerData[] = [
  { type: 'conv2d', options: { inputShape: [6, 6, 1], filters: 4, kernelSize: 3, activation: 'relu' } },
  { type: 'maxPool2d', options: { poolSize: 2 } },
  { type: 'flatten', options: {} },
  { type: 'dense', options: { units: 2 } },
];

/** A library that computes nothing and says these losses, one a step. */
function fake(losses: readonly number[], calls: string[] = []): () => Promise<Contender> {
  let next = 0;
  const step = async () => {
    calls.push('step');
    return losses[Math.min(next++, losses.length - 1)]!;
  };
  const predict = async () => {
    calls.push('predict');
    return new Float32Array(4);
  };
  return async () => ({ step, predict, steps: step });
}

const REQUEST = { backend: 'none', layers: TOY, batch: 2, timed: true, budgetMs: 5 };

test('a tiny run, end to end in the browser: checked, counted, timed, judged', async () => {
  const lines: string[] = [];
  const options = { quick: false, only: ['a', 'd'], batches: [2], models: ['baseline'], peers: [] } as const;
  let saved: BenchReport | undefined;
  const report = await runBench(
    options,
    (line) => lines.push(line),
    (results) => {
      saved = results;
    },
  );
  expect(saved).toEqual(report);
  const [entry] = report.entries;
  expect(report.entries.length).toBe(1);
  expect(entry!.failed).toBeUndefined();
  const { result } = entry!;
  expect(result!.wrong).toBeUndefined();
  expect(result!.losses.length).toBe(3);
  for (const { median, low, high } of [result!.step!, result!.inFlight!, result!.predict!]) {
    expect(low).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(low);
    expect(high).toBeGreaterThanOrEqual(median);
    expect(high).toBeLessThan(20_000);
  }
  expect(result!.counts).toMatchObject({ submits: 1, passes: 1, buffersCreated: 0, pipelines: 0 });
  expect(result!.counts.dispatches).toBeGreaterThan(0);
  // Two images, the weights, Adam's two slots for each.
  expect(result!.peakBytes).toBeGreaterThan(4 * (2 * 128 * 128 + 3 * 62_338));
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(lines.join('\n')).toContain('baseline, batch 2');
}, 120_000);

test('a library whose losses differ is reported as wrong and not timed', async () => {
  const expected = [0.7, 0.69, 0.68];
  const right = await runContender(fake(expected), { ...REQUEST, losses: expected });
  expect(right.wrong).toBeUndefined();
  expect(right.step?.samples).toBeGreaterThanOrEqual(3);
  const calls: string[] = [];
  const wrong = await runContender(fake([0.7, 0.69, 0.69], calls), { ...REQUEST, losses: expected });
  expect(wrong.wrong).toMatch(/step 3 is 0.69, it must be 0.68/);
  expect([wrong.step, wrong.inFlight, wrong.predict]).toEqual([undefined, undefined, undefined]);
  expect(calls).toEqual(['step', 'step', 'step']);
  expect((await runContender(fake([Number.NaN]), REQUEST)).wrong).toContain('NaN');
  expect(compareLosses([0.7, Number.NaN], expected)).toContain('NaN');
  const entry = { library: NEURITE.name, model: 'baseline', batch: 32, result: wrong };
  expect(stepTable([entry], 'step')).toContain('WRONG');
});

test('the reference loss is that of a network worked out by hand', () => {
  const layers = sizedLayers(TOY);
  expect(layers.map(({ output }) => output)).toEqual([[4, 4, 4], [2, 2, 4], [16], [2]]);
  const { x, y } = makeBatch(2, [6, 6, 1]);
  const zeros = {
    ...layers[3]!,
    weights: layers[3]!.weights.map(({ shape, data }) => ({ shape, data: data.map(() => 0) })),
  };
  expect(referenceLoss([...layers.slice(0, 3), zeros], { x, y })).toBeCloseTo(Math.LN2, 12);
  // One filter that copies pixel (1, 1) of its window, and a dense layer that sums what the pool keeps into class 0.
  const one = sizedLayers([
    { type: 'conv2d', options: { inputShape: [4, 4, 1], filters: 1, kernelSize: 3, activation: 'relu' } },
    { type: 'maxPool2d', options: { poolSize: 2 } },
    { type: 'flatten', options: {} },
    { type: 'dense', options: { units: 2 } },
  ]);
  one[0]!.weights[0]!.data.fill(0)[4] = 1;
  one[3]!.weights[0]!.data.set([1, 0]);
  const image = Float32Array.from({ length: 16 }, (_, i) => i / 10);
  const loss = referenceLoss(one, { x: { data: image, shape: [1, 4, 4, 1] }, y: new Int32Array([1]) });
  expect(loss).toBeCloseTo(Math.log(1 + Math.exp(1.0)), 6); // the largest of pixels 5, 6, 9, 10 is 1.0
});

test('nodes to measure are found with their kernels, their arithmetic and their bytes', () => {
  const [product] = matmulCases([8], ANY_GPU);
  expect(product!.node.op.name).toBe('matmul');
  expect(flopsOf(product!.node)).toBe(2 * 8 ** 3);
  expect(bytesOf(product!.node)).toBe(3 * 4 * 64);
  const cases = convCases([{ x: [2, 8, 8, 4], w: [3, 3, 4, 8] }], ANY_GPU);
  expect([...new Set(cases.map(({ node }) => node.op.name))].sort()).toEqual([
    'conv2d',
    'conv2dFilterGrad',
    'conv2dInputGrad',
  ]);
  for (const { node } of cases) expect(flopsOf(node)).toBe(2 * 3 * 3 * 4 * (2 * 8 * 8 * 8));
  const g = graph();
  const y = conv2d(g.input('x', [1, 4, 4, 4]), g.input('w', [3, 3, 4, 4]), { kernel: 'plain' });
  const z = conv2d(g.inputs[0]!, g.inputs[1]!, { kernel: 'tile' });
  relu(y);
  expect(z.shape).toEqual(y.shape);
  const [plain, tile, activation] = g.nodes;
  expect(keyOf(plain!)).toBe(keyOf(tile!));
  expect(keyOf(activation!)).not.toBe(keyOf(tile!));
  expect(flopsOf(activation!)).toBeUndefined();
});

test('bundles hold everything, and their sizes are those of the files', async () => {
  const whole = await bundle('src/index.ts');
  const { bytes, gzipped } = sizeOf('whole', whole);
  const [text] = whole.files.values();
  expect(whole.files.size).toBe(1);
  expect(text).not.toMatch(/^import /m);
  expect(bytes).toBe(Buffer.byteLength(text!));
  expect(gzipped).toBe(gzipSync(text!, { level: 9 }).length);
  const some = sizeOf('some', await bundle('bench/peers/neurite.ts'));
  expect(some.gzipped).toBeLessThan(gzipped);
});

test('timings: the median, the spread, and work that is too slow to be repeated', async () => {
  expect(timing([5, 1, 3])).toEqual({ median: 3, low: 1, high: 5, samples: 3 });
  expect(timing([4, 1, 2, 3]).median).toBe(2.5);
  expect(divided(timing([4, 8]), 2)).toEqual({ median: 3, low: 2, high: 4, samples: 2 });
  const pause = () => new Promise((done) => setTimeout(done, 5));
  expect((await time(pause, { budgetMs: 0, onceAboveMs: 1 })).samples).toBe(1);
  expect((await time(pause, { budgetMs: 0 })).samples).toBe(3);
  expect([0.01234, 1.234, 123.4, 12_345].map(significant)).toEqual(['0.0123', '1.23', '123', '12345']);
});

test('targets: reached, missed, or not measured', () => {
  const measured = (library: string, ms: number) => ({
    ...{ library, model: 'baseline', batch: 32 },
    result: { losses: [], counts: counts(), peakBytes: ms, step: timing([ms]), predict: timing([ms]) },
  });
  const counts = () => ({ dispatches: 13, passes: 1, submits: 1, buffersCreated: 0, bufferWrites: 3, pipelines: 0 });
  const report: Omit<BenchReport, 'targets'> = {
    ...{ date: '', adapter: '', versions: {}, options: {}, first: [] },
    sizes: [{ name: 'neurite, whole engine', bytes: 1, gzipped: 39_000 }],
    entries: [
      measured('neurite', 10),
      measured('jax-js/wasm', 80),
      measured('jax-js/webgpu', 100),
      measured('tfjs/webgpu', 700),
    ],
  };
  const met = Object.fromEntries(judge(report).map(({ what, met }) => [what, met]));
  expect(met['step, baseline, batch 32, against jax-js/wasm']).toBe(true); // 8x of 7x
  expect(met['step, baseline, batch 32, against jax-js/webgpu']).toBe(false); // 10x of 12x
  expect(met['step, baseline, batch 32, against tfjs/webgpu']).toBe(true);
  expect(met['dispatches in a step, baseline, batch 32']).toBe(false);
  expect(met['peak GPU memory, baseline, batch 32, against tfjs/webgpu']).toBe(true);
  expect(met['whole engine, minified and gzipped']).toBe(true);
  expect(met['step, second, batch 32, against the fastest peer']).toBeUndefined();
});
