/** What the lab's worker does before a run: which images it holds out, and how it mends a network that does not fit. */
import { expect, describe as group, test } from 'vitest';
import { describe } from '../../demo/lab/worker/description.ts';
import { holdOut } from '../../demo/lab/worker/trainingData.ts';
import { presets } from '../../src/brain/index.ts';
import { type LayerSpec, layers } from '../../src/index.ts';

group('images held out', () => {
  /** `each` of both classes in each of the segments. */
  const imagesOf = (segments: number[], each: number) => ({
    y: Int32Array.from({ length: 2 * each * segments.length }, (_, row) => Math.floor(row / each) % 2),
    segment: Int32Array.from(
      { length: 2 * each * segments.length },
      (_, row) => segments[Math.floor(row / (2 * each))]!,
    ),
  });

  test('410 train and 102 are held out, 51 of each class, 25 or 26 of each class and segment', () => {
    const images = imagesOf([0, 1], 128);
    const rows = [...images.y.keys()].sort((a, b) => ((a * 7919) % 512) - ((b * 7919) % 512));
    const { train, held } = holdOut(rows, images);
    expect([train.length, held.length]).toEqual([410, 102]);
    expect([...train, ...held].sort((a, b) => a - b)).toEqual([...images.y.keys()]);
    for (const label of [0, 1]) {
      expect(held.filter((row) => images.y[row] === label)).toHaveLength(51);
      for (const segment of [0, 1]) {
        const count = held.filter((row) => images.y[row] === label && images.segment[row] === segment).length;
        expect([25, 26]).toContain(count);
      }
    }
    expect(train).toEqual(rows.filter((row) => train.includes(row))); // in the order given
  });

  test('of fewer than five none is held out', () => {
    expect(holdOut([3, 1, 0, 2], imagesOf([4], 2))).toEqual({ train: [3, 1, 0, 2], held: [] });
  });
});

group('a network that does not fit is mended', () => {
  const mendOf = (list: LayerSpec[]) => describe(list).problem?.mend;
  const baseline = presets.baseline();
  const types = (list: readonly LayerSpec[] | undefined) => list?.map(({ type }) => type);

  test.each<[string, LayerSpec[], string]>([
    ['no flatten', baseline.filter(({ type }) => type !== 'flatten'), 'Add flatten'],
    ['no dense', baseline.slice(0, 3), 'Add dense, 2 units'],
    ['neither', baseline.slice(0, 2), 'Add flatten and dense'],
    ['three classes', [...baseline.slice(0, 3), layers.dense({ units: 3 })], 'Make it 2 units'],
    ['a softmax', [...baseline.slice(0, 3), layers.dense({ units: 2, activation: 'softmax' })], 'Make it linear'],
    [
      'a kernel too large',
      [layers.conv2d({ ...baseline[0]!.options, kernelSize: 500 } as never), ...baseline.slice(1)],
      'Reset the conv2d',
    ],
    [
      'a window too large',
      [...baseline.slice(0, 2), layers.maxPool2d({ poolSize: 99 }), ...baseline.slice(2)],
      'Reset the maxPool2d',
    ],
    ['no layers', [], 'Add flatten and dense'],
  ])('%s', (_, list, label) => {
    const mend = mendOf(list)!;
    expect(mend.label).toBe(label);
    expect(describe(mend.layers).problem).toBeUndefined();
  });

  test('by the least change', () => {
    expect(types(mendOf(baseline.filter(({ type }) => type !== 'flatten'))!.layers)).toEqual(types(baseline));
    expect(mendOf(baseline)).toBeUndefined();
  });
});
