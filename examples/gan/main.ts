/** A generative adversarial network: two models with two losses in one training step. The site's page about fakes has the same networks. */
import {
  adam,
  add,
  binaryCrossEntropy,
  fill,
  type LayerSpec,
  layers,
  mean,
  requestDevice,
  sequential,
  type Tensor,
  trainingStep,
} from 'neurite';
import { find, say, showErrors } from '../shared/page.ts';
import { PIXELS, paint, recordings, SIDE } from './recordings.ts';

showErrors();
const BATCH = 16; // recordings, and as many fakes, of a step
const NOISE = 24; // numbers that a picture is painted from
const STEPS = 2000;

/** Twice as large. */
const larger = (filters: number): LayerSpec[] => [
  layers.conv2dTranspose({ filters, kernelSize: 4, strides: 2, padding: 'same', useBias: false }),
  layers.batchNormalization({ momentum: 0.9 }),
  layers.activation({ activation: 'relu' }),
];
const generator = sequential([
  layers.dense({ inputShape: [NOISE], units: 4 * 4 * 32, useBias: false }),
  layers.batchNormalization({ momentum: 0.9 }),
  layers.activation({ activation: 'relu' }),
  layers.reshape({ targetShape: [4, 4, 32] }),
  ...larger(16),
  ...larger(8),
  layers.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: 'same', activation: 'tanh' }),
]);

const half = { kernelSize: 3, strides: 2, padding: 'same', activation: 'leakyRelu' } as const;
const discriminator = sequential([
  layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 12, ...half }),
  layers.conv2d({ filters: 24, ...half }),
  layers.conv2d({ filters: 32, ...half }),
  layers.flatten(),
  layers.dense({ units: 1 }), // a logit, above 0 for what it takes for a recording
]);

const device = await requestDevice();
await generator.compile({ device, optimizer: adam({ learningRate: 0.0004, beta1: 0.5 }) });
await discriminator.compile({ device, optimizer: adam({ learningRate: 0.001, beta1: 0.5 }) });

say('simulating recordings …');
const real = await recordings(60);
paint(find<HTMLCanvasElement>('#real'), real);

const gan = await trainingStep(
  ({ graph, minimize }) => {
    const fakes = generator.apply(graph.input('noise', [BATCH, NOISE]), { training: true });
    const judged = (pictures: Tensor) => discriminator.apply(pictures, { training: true });
    const loss = (logits: Tensor, label: number) => mean(binaryCrossEntropy(logits, fill(graph, [BATCH, 1], label)));
    const onFakes = judged(fakes);
    // Not quite sure even where it is right: else the generator learns nothing from it.
    const ofDiscriminator = add(loss(judged(graph.input('real', [BATCH, SIDE, SIDE, 1])), 0.9), loss(onFakes, 0.1));
    const ofGenerator = loss(onFakes, 1); // through the discriminator, but it changes the generator alone
    minimize({ model: discriminator, loss: ofDiscriminator }, { model: generator, loss: ofGenerator });
    return { ofDiscriminator, ofGenerator };
  },
  { onProgress: (done, all) => say(`compiling kernels: ${done} of ${all}`) },
);

const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const noiseFor = (pictures: number) => Float32Array.from({ length: pictures * NOISE }, normal);
/** Some of the recordings. */
function batch(): Float32Array {
  const chosen = new Float32Array(BATCH * PIXELS);
  for (let i = 0; i < BATCH; i++) {
    const first = PIXELS * Math.floor((real.length / PIXELS) * Math.random());
    chosen.set(real.subarray(first, first + PIXELS), i * PIXELS);
  }
  return chosen;
}

/** The mean of some pictures. */
const meanOf = (pictures: ArrayLike<number>) => {
  const sums = new Float64Array(PIXELS);
  for (let k = 0; k < pictures.length; k++) sums[k % PIXELS]! += (pictures[k]! * PIXELS) / pictures.length;
  return sums;
};
const meanRecording = meanOf(real);

let paused = false;
const button = find<HTMLButtonElement>('#pause');
button.onclick = () => {
  paused = !paused;
  button.textContent = paused ? 'Go on' : 'Pause';
};

const same = { data: noiseFor(64), shape: [64, NOISE] };
while (generator.iterations < STEPS) {
  const { ofDiscriminator, ofGenerator } = await gan.run({ noise: noiseFor(BATCH), real: batch() });
  const step = generator.iterations;
  if (step % 10 === 0 || step === 1) {
    const { data } = await generator.predict(same, { batchSize: 64 });
    paint(find<HTMLCanvasElement>('#painted'), data);
    const apart = meanOf(data).reduce((sum, value, i) => sum + Math.abs(value - meanRecording[i]!) / PIXELS, 0);
    const at = step < STEPS ? `step ${step} of ${STEPS}` : `done after ${STEPS} steps`;
    say(`${at}: the mean fake differs from the mean recording by ${apart.toFixed(3)}`);
    find('#losses').textContent =
      `Losses: ${ofGenerator[0]!.toFixed(2)} of the generator, ${ofDiscriminator[0]!.toFixed(2)} of the discriminator.`;
  }
  while (paused && step < STEPS) await new Promise(requestAnimationFrame);
}
button.disabled = true;
