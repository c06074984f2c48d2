/** Short texts that are equal where data are: they tell the data of one run from those of another, and a file from a damaged one. */
import { ArrayDataset, type Dataset } from '../data/dataset.ts';
import { formatShape, type HostArray } from '../tensor.ts';
import type { Setup } from './run.ts';

/**
 * FNV-1a over 32-bit words, in hexadecimal; http://www.isthe.com/chongo/tech/comp/fnv/. Each step is a bijection of the hash, so one
 * bit that flips anywhere is always seen.
 */
export function fingerprint(parts: readonly (HostArray | string | undefined)[]): string {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const words = wordsOf(part);
    hash = Math.imul(hash ^ words.length, 0x01000193);
    for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Training data, validation data, and what the examples count: each as a text. Takes a second for a gigabyte. */
export function describeData({ dataset, rows, validation, validationRows, weights }: Setup): string[] {
  return [
    `${described(dataset)}, ${rows.length} of them to train on`,
    validation ? `${described(validation)}, ${validationRows.length} of them to validate on` : 'no validation data',
    `weights of examples ${fingerprint([weights.byExample, weights.byClass])}`,
  ];
}

/** Contents are looked at where they lie in memory; a dataset that reads may give others each time. */
function described(dataset: Dataset): string {
  const contents = dataset instanceof ArrayDataset ? ` with contents ${fingerprint([dataset.x, dataset.y])}` : '';
  return `${dataset.size} examples of ${formatShape(dataset.xShape)}${contents}`;
}

function wordsOf(part: HostArray | string | undefined): ArrayLike<number> {
  if (part === undefined) return [];
  if (typeof part === 'string') return new TextEncoder().encode(part);
  return new Uint32Array(part.buffer, part.byteOffset, part.length);
}
