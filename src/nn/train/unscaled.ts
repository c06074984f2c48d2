import { ArrayDataset, type Dataset } from '../../data/dataset.ts';
import { elements } from '../../tensor.ts';
import type { Network } from '../network.ts';

/** Fewer numbers in an example are seldom a picture. */
const FEWEST_NUMBERS = 64;
/** Numbers that are looked at. */
const MOST_NUMBERS = 4096;

/** Layers after which the range of the numbers does not matter. */
const SCALING = ['rescaling', 'batchNormalization'];

/** Whether the data seem to be bytes of pictures, from 0 to 255, which a network gets as they are. */
function seemUnscaled(dataset: Dataset, { layers, inputShape }: Network): boolean {
  if (!(dataset instanceof ArrayDataset) || elements(inputShape) < FEWEST_NUMBERS) return false;
  // Whatever stands before the first weights, such as an augmentation, leaves bytes what they are.
  const first = layers.findIndex(({ weights }) => weights.length > 0);
  if (layers.slice(0, first + 1 || undefined).some(({ type }) => SCALING.includes(type))) return false;
  const numbers = dataset.x.subarray(0, MOST_NUMBERS);
  return (
    numbers.every((value) => Number.isInteger(value) && value >= 0 && value <= 255) && numbers.some((v) => v > 100)
  );
}

/** Networks that were warned about, each once. */
const warned = new WeakSet<object>();

/** Warns on the console, once for a model, of pictures whose bytes were not scaled: training on them is slow or runs away. */
export function warnOfUnscaled(what: string, dataset: Dataset, network: Network): void {
  if (warned.has(network.specs) || !seemUnscaled(dataset, network)) return;
  warned.add(network.specs);
  console.warn(
    `neurite: ${what}: x seems to hold the bytes of pictures, whole numbers up to 255. Networks learn from numbers near 0 to 1: ` +
      'divide by 255, or begin the model with layers.rescaling({ scale: 1 / 255, inputShape }).',
  );
}
