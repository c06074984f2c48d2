/**
 * Two networks paint a picture from the places of its pixels. One has sin(30 x) between its layers, an op that the engine does not
 * have (sine.ts, sine.wgsl), as in Sitzmann et al., "Implicit neural representations with periodic activation functions" (2020).
 */
import {
  adam,
  gradients,
  graph,
  layers,
  type Model,
  mean,
  meanSquaredError,
  relu,
  requestDevice,
  sequential,
  session,
  sum,
  type Tensor,
  trainingStep,
} from 'neurite';
import { find, say, showErrors } from '../shared/page.ts';
import { brightness, paint, places, SIDE } from './picture.ts';
import { sine } from './sine.ts';

showErrors();
const STEPS = 150;
const OMEGA = 30;
const WIDTH = 48;
paint(find<HTMLCanvasElement>('#target'), brightness);
const device = await requestDevice();

/** The op by itself, beside Math.sin and Math.cos. @returns the largest differences of y and of dx */
async function check(): Promise<{ y: number; dx: number }> {
  const x = Float32Array.from({ length: 100 }, (_, i) => (i - 50) / 150);
  const g = graph();
  const input = g.input('x', [100]);
  const y = sine(input, OMEGA);
  const [dx] = gradients(sum(y), [input]);
  const run = await session(device, [y, dx!]);
  run.write(input, x);
  run.run();
  const worst = (got: ArrayLike<number>, wanted: (x: number) => number) =>
    x.reduce((most, at, i) => Math.max(most, Math.abs(got[i]! - wanted(at))), 0);
  const differences = {
    y: worst(await run.read(y), (at) => Math.sin(OMEGA * at)),
    dx: worst(await run.read(dx!), (at) => OMEGA * Math.cos(OMEGA * at)),
  };
  run.destroy();
  return differences;
}

/** A network as a list of models of one layer, between which any op may stand. */
async function dense(inputs: number, units: number, bound: number, learningRate: number): Promise<Model> {
  const kernelInitializer = { name: 'randomUniform', low: -bound, high: bound } as const;
  const model = sequential([layers.dense({ inputShape: [inputs], units, kernelInitializer })]);
  await model.compile({ device, optimizer: adam({ learningRate }) });
  return model;
}

interface Kind {
  readonly between: (x: Tensor) => Tensor;
  /** The largest first weight of the first layer, and of the others. */
  readonly bounds: readonly [number, number];
  readonly learningRate: number;
}

/** Trains a network step by step, and paints what it makes of all places. */
async function painter(name: string, { between, bounds, learningRate }: Kind) {
  const network = [
    await dense(2, WIDTH, bounds[0], learningRate),
    await dense(WIDTH, WIDTH, bounds[1], learningRate),
    await dense(WIDTH, 1, bounds[1], learningRate),
  ];
  const pixels = SIDE * SIDE;
  const step = await trainingStep(
    ({ graph, minimize }) => {
      const [first, second, last] = network as [Model, Model, Model];
      const options = { training: true };
      const hidden = between(first.apply(graph.input('places', [pixels, 2]), options));
      const painted = last.apply(between(second.apply(hidden, options)), options);
      const loss = mean(meanSquaredError(painted, graph.input('brightness', [pixels, 1])));
      minimize(...network.map((model) => ({ model, loss })));
      return { loss, painted };
    },
    { onProgress: (done, all) => say(`compiling kernels of the network with ${name}: ${done} of ${all}`) },
  );
  let inputs: Record<string, Float32Array> = { places, brightness };
  return async () => {
    const { loss, painted } = await step.run(inputs);
    inputs = {}; // they keep their values
    paint(find<HTMLCanvasElement>(`#${name}`), painted);
    const error = Math.sqrt(loss[0]!);
    find(`#${name} ~ figcaption span`).textContent = error.toFixed(3);
    return error;
  };
}

const { y, dx } = await check();
find('#checked').textContent =
  `On this device the op differs from Math.sin by ${y.toExponential(0)} at most, its gradient from ${OMEGA} cos(${OMEGA} x) by ${dx.toExponential(0)}.`;
const [bySine, byRelu] = await Promise.all([
  painter('sine', {
    between: (x) => sine(x, OMEGA),
    bounds: [1 / 2, Math.sqrt(6 / WIDTH) / OMEGA],
    learningRate: 0.001,
  }),
  painter('relu', { between: relu, bounds: [1, Math.sqrt(6 / WIDTH)], learningRate: 0.005 }),
]);
let errors = [0, 0];
for (let i = 1; i <= STEPS; i++) {
  errors = [await bySine(), await byRelu()];
  say(`step ${i} of ${STEPS}`);
}
say(`done: the error is ${(errors[1]! / errors[0]!).toFixed(1)} times as large without the op`);
