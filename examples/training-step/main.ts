/**
 * A loss that the engine does not have, out of ops: the pinball loss, whose smallest value is at a quantile. For a quantile q and the
 * error e = y - prediction it is q e where e > 0, and (q - 1) e elsewhere; that is, q relu(e) + (1 - q) relu(-e).
 */
import { adam, add, layers, mean, mul, relu, requestDevice, sequential, trainingStep } from 'neurite';
import { find, percent, say, showErrors } from '../shared/page.ts';
import { plot } from './plot.ts';

showErrors();
const QUANTILES = [0.1, 0.5, 0.9];
const POINTS = 512;
const STEPS = 800;

/** A wave whose noise grows from left to right. */
function points() {
  const x = Float32Array.from({ length: POINTS }, () => 2 * Math.random() - 1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return { x, y: x.map((at) => 0.6 * Math.sin(4 * at) + 0.12 * (1.2 + at) * normal()) };
}

const device = await requestDevice();

async function train(signal: AbortSignal) {
  const model = sequential([
    layers.dense({ inputShape: [1], units: 32, activation: 'tanh' }),
    layers.dense({ units: 32, activation: 'tanh' }),
    layers.dense({ units: QUANTILES.length }),
  ]);
  await model.compile({ device, optimizer: adam({ learningRate: 0.005 }) }); // no loss: the step has one
  const step = await trainingStep(
    ({ graph, minimize }) => {
      const predicted = model.apply(graph.input('x', [POINTS, 1]), { training: true });
      const y = graph.input('y', [POINTS, 1]);
      const above = graph.input('q', [1, QUANTILES.length]);
      const below = graph.input('1 - q', [1, QUANTILES.length]);
      const minus = graph.input('minus', [1, 1]);
      const error = add(y, mul(predicted, minus)); // shapes are broadcast: [512, 1] and [512, 3]
      const loss = mean(add(mul(above, relu(error)), mul(below, relu(mul(error, minus)))));
      minimize({ model, loss });
      return { loss, predicted };
    },
    { onProgress: (done, all) => say(`compiling kernels: ${done} of ${all}`) },
  );
  try {
    const { x, y } = points();
    const constants = { q: Float32Array.from(QUANTILES), '1 - q': Float32Array.from(QUANTILES, (q) => 1 - q) };
    let outputs = await step.run({ x, y, ...constants, minus: Float32Array.of(-1) });
    while (!signal.aborted && model.iterations < STEPS) {
      outputs = await step.run({}); // inputs keep their values
      if (model.iterations % 20 === 0) {
        say(`step ${model.iterations} of ${STEPS}: loss ${outputs.loss[0]!.toFixed(4)}`);
        plot(find<HTMLCanvasElement>('canvas'), x, y, outputs.predicted);
        const parts = QUANTILES.map((_, k) => y.filter((at, i) => at < outputs.predicted[3 * i + k]!).length / POINTS);
        find('#found').textContent = `Below the three lines lie ${parts.map(percent).join(', ')} of the points.`;
      }
    }
  } finally {
    step.dispose();
    model.dispose();
  }
}

let run = new AbortController();
let ended = Promise.resolve();
function start() {
  run.abort();
  run = new AbortController();
  const { signal } = run;
  ended = ended.then(() => train(signal));
}
find('#again').onclick = start;
start();
