/** The work of `npm run train`, in a page or in Node. It uses only the engine's public interface. */

import { type Device, type Model, NeuriteError, requestDevice, sequential } from 'neurite';
import {
  type BrainSet,
  inputOf,
  judge,
  optimizerOf,
  type PresetName,
  presets,
  shuffleBrain,
  type Verdict,
} from 'neurite/brain';
import type { Kernels, Sample, TrainOutcome, TrainRequest, TrainResult } from '../protocol.ts';
import { MODEL_FILE } from '../protocol.ts';
import { type Host, loadImages, loadRecovered, packPixels } from './data.ts';
import { movementOf } from './movement.ts';
import { scoreOf } from './score.ts';
import { watchTraining } from './watch.ts';

const SAMPLES_PER_SEGMENT = 4;
const MISTAKES = 6;

/** Trains and tests. A failure is returned as an answer, because errors lose their class on the way out of a page. */
export async function outcomeOfTraining(request: TrainRequest, host: Host): Promise<TrainOutcome> {
  try {
    return { result: await train(request, host) };
  } catch (error) {
    const { name, message, stack = '' } = error as Error;
    return { error: { name: error instanceof NeuriteError ? name : '', message, stack } };
  }
}

async function train(request: TrainRequest, host: Host): Promise<TrainResult> {
  const device = await requestDevice(host.gpu ? { gpu: host.gpu } : {});
  try {
    return await trainOn(device, request, host);
  } finally {
    device.destroy();
  }
}

async function trainOn(device: Device, request: TrainRequest, host: Host): Promise<TrainResult> {
  const { report, signal } = host;
  const clock = stopwatch();
  const adapter = { description: device.description, software: device.isSoftware };
  report({ type: 'adapter', ...adapter });
  const model = sequential(presets[request.model as PresetName]());
  report({ type: 'summary', text: model.summary() });

  const { segments, images, epochs, batchSize, seed, validationSplit } = request;
  let set = await loadImages(request, { segments, images, what: 'training images' }, host);
  // Segments and classes come in blocks, and the images held out are the last ones.
  set = shuffleBrain(set, seed);
  clock.lap('data');

  await model.compile({
    device,
    optimizer: optimizerOf(request, epochs * Math.ceil((set.y.length * (1 - validationSplit)) / batchSize)),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    seed,
    onProgress: (done, total) => report({ type: 'progress', what: 'compiling pipelines', done, total, unit: '' }),
  });
  const firstWeights = await model.getWeights();
  const watch = watchTraining(report, set.y.length);
  await model.fit(
    { x: inputOf(model, set.x), y: set.y },
    {
      epochs,
      batchSize,
      validationSplit,
      signal,
      watch: 'stop', // a model whose weights are not finite cannot be saved
      callbacks: [{ onTrainBegin: () => clock.lap('compile') }, watch.callback],
    },
  );
  clock.lap('fit');

  const tested = await testSegments(model, request, host);
  clock.lap('test');
  const recovered = request.hasRecovered ? scoreOf(await judge(model, await loadRecovered(host))) : undefined;
  await host.save(MODEL_FILE, await model.save());
  const kernels = await firstKernels(model);
  return {
    parameters: model.countParams(),
    adapter,
    source: set.source,
    ...watch.results(),
    ...tested,
    ...(recovered ? { recovered } : {}),
    ...(kernels ? { kernels } : {}),
    movement: movementOf(firstWeights, await model.getWeights()),
    seconds: clock.seconds,
  };
}

/** One segment after another, so that only one is in memory. */
async function testSegments(
  model: Model,
  request: TrainRequest,
  host: Host,
): Promise<Pick<TrainResult, 'test' | 'samples' | 'mistakes'>> {
  const all: Verdict[] = [];
  const scores: NonNullable<TrainResult['test']>['segments'] = [];
  const samples: Sample[] = [];
  let mistakes: (Sample & { loss: number })[] = [];
  for (const segment of request.testSegments) {
    const asked = { segments: [segment], images: request.testImages, what: `test images of segment ${segment}` };
    const set = await loadImages(request, asked, host);
    const what = `testing segment ${segment}`;
    const onChunk = (done: number) => {
      host.signal.throwIfAborted();
      host.report({ type: 'progress', what, done, total: set.y.length, unit: 'images' });
    };
    const verdicts = await judge(model, set, { onChunk });
    all.push(...verdicts);
    scores.push({ segment, ...scoreOf(verdicts) });
    samples.push(...evenly(verdicts, SAMPLES_PER_SEGMENT).map((verdict) => sampleOf(set, verdict)));
    const wrong = verdicts.filter(({ truth, prediction }) => truth !== prediction);
    const worst = wrong.sort((a, b) => b.loss - a.loss).slice(0, MISTAKES);
    mistakes.push(...worst.map((verdict) => ({ ...sampleOf(set, verdict), loss: verdict.loss })));
    mistakes = mistakes.sort((a, b) => b.loss - a.loss).slice(0, MISTAKES);
  }
  if (all.length === 0) return { samples, mistakes };
  return { test: { ...scoreOf(all), segments: scores }, samples, mistakes };
}

/**
 * The same number of images of each class, at equal distances in the set, so that the choice does not depend on the
 * predictions.
 */
function evenly(verdicts: readonly Verdict[], count: number): Verdict[] {
  return [0, 1].flatMap((truth) => {
    const ofClass = verdicts.filter((verdict) => verdict.truth === truth);
    const n = Math.min(count / 2, ofClass.length);
    return Array.from({ length: n }, (_, i) => ofClass[Math.floor(((i + 0.5) * ofClass.length) / n)]!);
  });
}

function sampleOf(set: BrainSet, { row, truth, prediction, fake }: Verdict): Sample {
  const probability = prediction === 1 ? fake : 1 - fake;
  return { segment: set.segment[row]!, truth, prediction, probability, pixels: packPixels(set.x, row) };
}

async function firstKernels(model: Model): Promise<Kernels | undefined> {
  const weight = (await model.getWeights()).find(({ shape }) => shape.length === 4);
  return weight && { name: weight.name, shape: weight.shape, data: [...weight.data] };
}

function stopwatch(): { seconds: Record<string, number>; lap(name: string): void } {
  const seconds: Record<string, number> = {};
  let since = performance.now();
  return {
    seconds,
    lap(name) {
      const now = performance.now();
      seconds[name] = (now - since) / 1000;
      since = now;
    },
  };
}
