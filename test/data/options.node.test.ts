/** Options of what reads and makes brain images: a misspelt name and wrong values are ArgumentErrors. */
import { expect, test } from 'vitest';
import { loadBrainSegments, readBrainImages, simulateBrain, simulateBrainAsync } from '../../src/brain/index.ts';
import { ArgumentError } from '../../src/index.ts';

const source = () => new Blob([]);
const segments = { segments: [0], real: source, fake: source };
const simulated = { segments: [0], imagesPerClass: 1, seed: 1 };

test.each<[string, () => unknown, string]>([
  ['readBrainImages', () => readBrainImages(source(), { maxImage: 3 } as never), "'maxImages'"],
  ['readBrainImages', () => readBrainImages(source(), { max_bytes: 3 } as never), "'maxBytes'"],
  ['loadBrainSegments', () => loadBrainSegments({ ...segments, segment: 3 } as never), "'segments'"],
  ['loadBrainSegments', () => loadBrainSegments({ ...segments, maximages: 3 } as never), "'maxImages'"],
  ['simulateBrain', () => simulateBrain({ ...simulated, images_per_class: 3 } as never), "'imagesPerClass'"],
  ['simulateBrain', () => simulateBrainAsync({ ...simulated, onprogress() {} } as never), "'onProgress'"],
])('%s: a misspelt name', async (what, run, meant) => {
  const error = await Promise.resolve()
    .then(run)
    .catch((e: Error) => e);
  expect(error).toBeInstanceOf(ArgumentError);
  expect((error as Error).message).toMatch(new RegExp(`^${what}: there is no option .* Did you mean ${meant}\\?$`));
});

test.each<[string, () => unknown]>([
  ['maxImages', () => readBrainImages(source(), { maxImages: '3' as never })],
  ['maxImages', () => readBrainImages(source(), { maxImages: () => 3 } as never)],
  ['maxBytes', () => readBrainImages(source(), { maxBytes: '3' as never })],
  ['signal', () => readBrainImages(source(), { signal: {} as never })],
  ['options', () => readBrainImages(source(), null as never)],
  ['segments', () => loadBrainSegments({ ...segments, segments: 3 as never })],
  ['real', () => loadBrainSegments({ ...segments, real: 'real_0.gz' as never })],
  ['options', () => loadBrainSegments(undefined as never)],
  ['segments', () => simulateBrain({ ...simulated, segments: 3 as never })],
  ['segment', () => simulateBrain({ ...simulated, segments: [() => 3] as never })],
  ['imagesPerClass', () => simulateBrain({ ...simulated, imagesPerClass: '3' as never })],
  ['seed', () => simulateBrain({ ...simulated, seed: {} as never })],
  ['options', () => simulateBrainAsync(undefined as never)],
])('a wrong value: %s', async (option, run) => {
  const error = await Promise.resolve()
    .then(run)
    .catch((e: Error) => e);
  expect(error).toBeInstanceOf(ArgumentError);
  expect((error as Error).message).toMatch(new RegExp(`\\b${option}\\b`));
});
