/** What the engine says of a list of layers: shapes, parameters, or what does not fit. */
import { type LayerSpec, sequential } from 'neurite';
import { IMAGE_SIZE, type ModelInfo } from '../protocol/index.ts';
import { mendOf } from './mends.ts';

/** Weights, and one image's activations, are to stay below this: beyond it a page has no chance. */
const MOST_BYTES = 256 * 2 ** 20;

export function describe(layers: readonly LayerSpec[]): ModelInfo {
  const info = described(layers);
  if (!info.problem) return info;
  const mend = mendOf(layers, info.problem.layer, (mended) => !described(mended).problem);
  return mend ? { ...info, problem: { ...info.problem, mend } } : info;
}

function described(layers: readonly LayerSpec[]): ModelInfo {
  const info: ModelInfo = { layers: [], parameters: 0, trainable: 0 };
  if (layers.length === 0) return { ...info, problem: { layer: 0, message: 'A network needs a layer: add one.' } };
  for (let count = 1; count <= layers.length; count++) {
    try {
      describeInto(info, layers.slice(0, count));
    } catch (error) {
      return { ...info, problem: { layer: count - 1, message: (error as Error).message } };
    }
  }
  const problem = unfit(info, layers);
  return problem ? { ...info, problem } : info;
}

/** Adds the last of the layers. @throws what the engine throws where it does not fit */
function describeInto(info: ModelInfo, layers: readonly LayerSpec[]): void {
  const model = sequential(layers);
  const { name, type, className, inputShape, outputShape, weights } = model.layers.at(-1)!;
  const tooLarge = (what: string, shape: readonly number[]) => {
    const bytes = 4 * product(shape);
    if (bytes <= MOST_BYTES) return;
    throw new Error(`${type} '${name}' is too large: ${what} would take ${Math.round(bytes / 2 ** 20)} MiB.`);
  };
  for (const { spec } of weights) tooLarge('its weights', spec.shape);
  tooLarge('what it makes of one image', outputShape);
  const parameters = weights.reduce((sum, { spec }) => sum + product(spec.shape), 0);
  const trainable =
    (layers.at(-1)!.options.trainable ?? true)
      ? weights.reduce((sum, { spec }) => sum + (spec.trainable ? product(spec.shape) : 0), 0)
      : 0;
  info.layers.push({
    name,
    type,
    className,
    parameters,
    inputShape: [...inputShape],
    outputShape: [...outputShape],
    weights: weights.map(({ name, spec }) => ({ name, shape: [...spec.shape] })),
  });
  info.parameters += parameters;
  info.trainable += trainable;
}

/** What the engine would allow, and the task does not. */
function unfit({ layers: described }: ModelInfo, layers: readonly LayerSpec[]): ModelInfo['problem'] {
  const [height, width, channels] = described[0]!.inputShape;
  if (height !== IMAGE_SIZE || width !== IMAGE_SIZE || (channels !== 1 && channels !== 3)) {
    return { layer: 0, message: `The images are 128 × 128 × 1 in grey or 128 × 128 × 3 in rainbow colours.` };
  }
  const last = layers.length - 1;
  const { outputShape } = described[last]!;
  if (outputShape.length !== 1 || outputShape[0] !== 2) {
    const message = `The network must end with 2 numbers, one for real and one for fake; this layer gives ${outputShape.join(' × ')}.`;
    return { layer: last, message };
  }
  const { activation } = layers[last]!.options as { activation?: string };
  if (activation === 'softmax' || activation === 'logSoftmax' || activation === 'sigmoid') {
    const message = `The loss takes logits and applies the softmax itself: the last layer must be linear.`;
    return { layer: last, message };
  }
  return undefined;
}

const product = (shape: readonly number[]) => shape.reduce((all, size) => all * size, 1);
