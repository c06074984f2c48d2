/** Times the engine's training steps and predictions as a user's program would see them. */
import { adam, type Device, type Model, sequential } from 'neurite';
import { type PresetName, presets } from 'neurite/brain';
import { type Batch, type LayerData, LEARNING_RATE, makeBatch, type SizedLayer, sizedLayers } from './batch.ts';
import { timeFit } from './fitting.ts';
import { compareLosses } from './losses.ts';
import { divided, type Timing, time } from './measure.ts';
import { referenceLoss } from './reference.ts';

export interface StepReport {
  readonly model: string;
  readonly parameters: number;
  readonly batch: number;
  /** Numbers from the plan of a training step. */
  readonly plan: { readonly dispatches: number; readonly peakBytes: number; readonly arenaBytes: number };
  /** Losses of the first steps on the same batch, and what the first one must be. */
  readonly losses: readonly number[];
  readonly reference: number;
  /** Why nothing was timed. */
  readonly wrong?: string;
  /** A step by `trainOnBatch`, awaited: its loss was on the host before the next one began. */
  readonly trainOnBatch?: Timing;
  /** A step of `fit`, with several in flight: an epoch's time divided by its steps. */
  readonly fit?: Timing;
  /** One batch by `predict`, from host array to host array. */
  readonly predict?: Timing;
  /** A batch of a `predict` over several: their time divided by their number. */
  readonly predictMany?: Timing;
}

export interface StepOptions {
  readonly budgetMs: number;
  /** Whether to time `fit` only. */
  readonly fitOnly?: boolean;
  /** Fewer samples, and no predictions in flight. */
  readonly quick?: boolean;
}

/** Number of images whose loss is computed in float64, which takes a second or two in plain loops. */
const REFERENCE_IMAGES = 4;
const PREDICTED_BATCHES = 8;

/** A preset with the weights that every library gets. @returns the model, and its layers as data */
export async function benchModel(device: Device, name: PresetName): Promise<{ model: Model; layers: SizedLayer[] }> {
  const layers = sizedLayers(presets[name]() as readonly LayerData[]);
  const model = sequential(presets[name]());
  await model.compile({
    device,
    optimizer: adam({ learningRate: LEARNING_RATE }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  await model.setWeights(layers.flatMap(({ weights }) => weights));
  return { model, layers };
}

/** Checks, then times one preset at one batch size. */
export async function measureSteps(
  device: Device,
  name: PresetName,
  batchSize: number,
  { budgetMs, fitOnly = false, quick = false }: StepOptions,
): Promise<StepReport> {
  const { model, layers } = await benchModel(device, name);
  try {
    const { dispatches, peakBytes, slots } = model.plan({ batchSize });
    const batch = makeBatch(batchSize, model.inputShape);
    const few = makeBatch(Math.min(batchSize, REFERENCE_IMAGES), model.inputShape);
    const reference = referenceLoss(layers, few);
    const evaluated = (await model.evaluate(few)).loss!;
    const losses: number[] = [];
    for (let i = 0; i < 3; i++) losses.push((await model.trainOnBatch(batch.x, batch.y)).loss!);
    const report: StepReport = {
      model: name,
      parameters: model.countParams(),
      batch: batchSize,
      losses,
      reference,
      plan: { dispatches: dispatches.length, peakBytes, arenaBytes: slots.reduce((sum, slot) => sum + slot, 0) },
    };
    const wrong = compareLosses([evaluated], [reference]) ?? notFalling(losses);
    if (wrong) return { ...report, wrong };
    const fit = await timeFit(model, batchSize, { budgetMs, epochs: quick ? 3 : 5 });
    if (fitOnly) return { ...report, fit };
    return {
      ...report,
      fit,
      trainOnBatch: await time(() => model.trainOnBatch(batch.x, batch.y), { budgetMs, least: quick ? 2 : 3 }),
      ...(await timePredict(model, batch, budgetMs, quick)),
    };
  } finally {
    model.dispose();
  }
}

/** Steps along the gradient, of one batch, must lower its loss. */
function notFalling(losses: readonly number[]): string | undefined {
  const falls = losses.every((loss, i) => i === 0 || loss < losses[i - 1]!);
  return falls ? undefined : `the losses of steps on one batch do not fall: ${losses.join(', ')}`;
}

async function timePredict(model: Model, { x, y }: Batch, budgetMs: number, quick: boolean) {
  const batchSize = y.length;
  const predict = await time(() => model.predict(x, { batchSize }), { budgetMs });
  if (quick) return { predict };
  const many = makeBatch(batchSize * PREDICTED_BATCHES, model.inputShape).x;
  const predictMany = await time(() => model.predict(many, { batchSize }), { budgetMs });
  return { predict, predictMany: divided(predictMany, PREDICTED_BATCHES) };
}
