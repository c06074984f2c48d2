/** What the page says: of networks that have run away, of files, of layers that do not fit, of large numbers. */
import { expect, describe as group, test } from 'vitest';
import { formatShort, formatTick } from '../../demo/format.ts';
import { attempt, FILES, notices, notify } from '../../demo/frame/notify.ts';
import type { RunRecord } from '../../demo/lab/runs/record.ts';
import { isSound } from '../../demo/lab/score.ts';
import { problemText } from '../../demo/lab/sections/model/fields.ts';
import { settingsOf } from '../../demo/lab/sections/training/runText.ts';
import { describe } from '../../demo/lab/worker/description.ts';
import { bytesOfModel, noModel } from '../../demo/lab/worker/files.ts';
import { adviceOn } from '../../demo/machine/advice.ts';
import { FormatError, type LayerSpec, layers } from '../../src/index.ts';

test('a test of a network that has run away says nothing', () => {
  expect([0.5, Number.NaN, Number.POSITIVE_INFINITY].map((loss) => isSound({ loss }))).toEqual([true, false, false]);
});

group('files that are no models', () => {
  test('are named', async () => {
    await expect(bytesOfModel(new File([], 'mine.safetensors'))).rejects.toThrow('mine.safetensors is empty.');
    expect(await bytesOfModel(new File(['abc'], 'mine.safetensors'))).toHaveLength(3);
    const message = (error: unknown) => (noModel(new File(['abc'], 'mine.safetensors'), error) as Error).message;
    expect(message(new FormatError('safetensors: too short.'))).toBe(
      'mine.safetensors is no model that was saved here, or it is damaged.\nsafetensors: too short.',
    );
    expect(message(new Error('the device was lost'))).toBe('the device was lost');
  });
});

test('a lost device is no wrong result', () => {
  expect(adviceOn({ failed: 0, errors: [] })).toMatch(/^Nothing was computed wrong.* test again/);
  for (const wrong of [
    { failed: 1, errors: [] },
    { failed: 0, errors: ['validation'] },
  ]) {
    expect(adviceOn(wrong)).toMatch(/^The engine is at fault/);
  }
});

test('numbers of any size stay short', () => {
  const large = [0, 0.25, 20_000, 2e8, 30_000_000_000_000_004];
  expect(large.map(formatTick)).toEqual(['0', '0.25', '20,000', '2e+8', '3e+16']);
  expect([0.0002, 0.0015, 0.1 + 0.2].map(formatTick)).toEqual(['0.0002', '0.0015', '0.3']);
  const signed = [0.0123, -2.5317939491923494e25, 123.4, -4e38];
  expect(signed.map(formatShort)).toEqual(['0.012', '−2.5e+25', '123', '−4.0e+38']);
});

group('layers that do not fit', () => {
  const input = { inputShape: [128, 128, 1] };
  const said = (...list: LayerSpec[]) => problemText(list.at(-1)!.type, describe(list).problem!.message);

  test('are told in the words of the editor', () => {
    const conv2d = (filters?: number) => said(layers.conv2d({ ...input, kernelSize: 3, filters: filters as number }));
    expect(conv2d(Number.NaN)).toBe("conv2d 'conv2d': kernels must be an integer of at least 1, got no number.");
    expect(conv2d()).toMatch(/kernels must be .* got nothing\.$/);
    expect(conv2d(0)).toMatch(/kernels must be .* got 0\.$/);
    expect(said(layers.conv2d({ ...input, filters: 3, kernelSize: 500 }))).toMatch(/500 x 500/);
    expect(problemText('flatten', 'x: units must be 1.')).toBe('x: units must be 1.');
  });

  test('weights that are too large are not an image', () => {
    const flat = layers.flatten(input);
    expect(said(flat, layers.dense({ units: 18_000 }))).toMatch(/too large: its weights would take 1125 MiB/);
    const wide = layers.conv2d({ ...input, filters: 20_000, kernelSize: 1 });
    expect(said(wide)).toMatch(/too large: what it makes of one image would take 1250 MiB/);
  });
});

test('the table says how a run was trained, and not what is not known', () => {
  const run = {
    ...{ status: 'done', source: 'simulated', parameters: 1626, epochs: [{ x: 1, loss: 1, accuracy: 0 }] },
    settings: {
      training: { optimizer: 'adam', learningRate: 0.001, schedule: 'cosine', batchSize: 4, epochs: 1 },
      data: { imagesPerClass: 8, roles: ['train', 'train', 'test'] },
    },
  } as unknown as RunRecord;
  expect(settingsOf(run)).toEqual([
    'adam 0.001 cosine, batch 4, 1 epoch',
    'simulated, 2 × 8 in each of 2 segments',
    '1,626 parameters',
  ]);
  expect(settingsOf({ ...run, epochs: [] })).toEqual(['not known: opened from a file', '1,626 parameters']);
  expect(settingsOf({ ...run, status: 'stopped', epochs: [] })).toHaveLength(3);
});

test('of messages about the same the newest stays; a failure has a line for people, and its details', async () => {
  const fail = (message: string) => attempt(() => Promise.reject(new Error(message)), FILES);
  const seen = () => notices.value.map(({ text, detail }) => [text, detail]);
  notify('problem', 'Another one.');
  await fail('It is damaged.\nheader: 5 bytes');
  expect(seen()).toEqual([
    ['Another one.', undefined],
    ['It is damaged.', 'header: 5 bytes'],
  ]);
  await fail('It is empty.');
  expect(seen()).toEqual([
    ['Another one.', undefined],
    ['It is empty.', undefined],
  ]);
  await attempt(async () => 'opened', FILES);
  expect(seen()).toEqual([['Another one.', undefined]]);
});
