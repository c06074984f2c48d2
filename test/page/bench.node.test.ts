/** What the lab says of a network: how its parameters are counted, what it has learned, how its runs are named, how it moved. */
import { describe, expect, test } from 'vitest';
import { countFormula, countOf } from '../../demo/lab/bench/countFormula.ts';
import { resultText } from '../../demo/lab/bench/resultText.ts';
import type { Settings } from '../../demo/lab/link.ts';
import type { RunRecord } from '../../demo/lab/runs/record.ts';
import { runName } from '../../demo/lab/runs/runName.ts';
import { movement } from '../../demo/lab/sections/network/movement.ts';
import { type PresetName, presets, presetTraining } from '../../src/brain/index.ts';
import { type LayerSpec, layers, sequential } from '../../src/index.ts';

describe('how parameters are counted', () => {
  const described = (list: LayerSpec[]) =>
    sequential(list).layers.map(({ type, weights }) => ({
      type,
      weights: weights.map(({ name, spec }) => ({ name, shape: spec.shape })),
    }));
  const formulas = (list: LayerSpec[]) => described(list).map(countFormula);

  test('as on the slide', () => {
    expect(formulas(presets.baseline())).toEqual(['(5·5 + 1)·32', undefined, undefined, '(30,752 + 1)·2']);
    expect(formulas(presets.rgb())[0]).toBe('(5·5·3 + 1)·32');
    expect(formulas(presets.improved()).slice(0, 3)).toEqual(['3·3·8', '4·8', '3·3·8·24']);
  });

  test.each(Object.keys(presets) as PresetName[])('each formula of %s gives the count', (name) => {
    const depthwise = layers.depthwiseConv2d({ inputShape: [9, 9, 4], kernelSize: 3, depthMultiplier: 2 });
    for (const layer of [...described([...presets[name]()]), ...described([depthwise])]) {
      const formula = countFormula(layer)?.replaceAll('·', '*').replaceAll(',', '');
      const terms = formula?.match(/^\(([\d*]+) \+ 1\)\*(.+)$/);
      const product = (text: string) => text.split('*').reduce((all, size) => all * Number(size), 1);
      const count = terms ? (product(terms[1]!) + 1) * product(terms[2]!) : formula ? product(formula) : 0;
      expect(count).toBe(countOf(layer));
    }
  });
});

describe('what a network has learned, in words', () => {
  const textOf = (held: number, accuracy: number, loss = 0.1) =>
    resultText({
      source: 'simulated',
      settings: { data: { roles: ['train', 'train', ...Array(5).fill('unused'), 'test', 'test', 'test'] } },
      epochs: [{ x: 1, loss: 0, accuracy: 1, valAccuracy: held }],
      test: { accuracy, loss, segments: Int32Array.of(7, 8, 9) },
    } as unknown as RunRecord);

  test.each([
    [0.99, 0.79, 'It learned the days, not the fakes.'],
    [0.995, 0.98, 'It learned what makes a fake.'],
    [0.9, 0.88, 'It learned some of what makes a fake.'],
    [0.52, 0.5, 'It is still guessing.'],
  ])('%d on the days it knows, %d on new animals: %s', (held, fresh, title) => {
    expect(textOf(held, fresh)!.title).toBe(title);
  });

  test('with both numbers', () => {
    expect(textOf(0.99, 0.79)!.text).toBe('99 % right on the days it trained on, 79 % on new animals.');
    expect(textOf(0.99, 0.79, Number.NaN)).toBeUndefined();
    expect(resultText({ epochs: [] } as unknown as RunRecord)).toBeUndefined();
  });
});

describe('runs are named by what differs', () => {
  const settings = (preset: Settings['preset'], training: object = {}, data: object = {}): Settings => ({
    preset,
    layers: presets.baseline(),
    training: { ...presetTraining.baseline, seed: 0, ...training },
    data: { imagesPerClass: 128, seed: 0, roles: [], ...data },
  });
  const run = (of: Settings) => ({ settings: of }) as RunRecord;

  test('from the last run of the same network', () => {
    const first = run(settings('baseline'));
    expect(runName(settings('baseline'), [])).toBe('baseline');
    expect(runName(settings('baseline'), [first])).toBe('baseline');
    expect(runName(settings('improved'), [first])).toBe('improved');
    const other = settings('baseline', { learningRate: 0.003, optimizer: 'sgd' }, { seed: 2 });
    expect(runName(other, [first])).toBe('baseline, sgd, rate 0.003, data seed 2');
    expect(runName(settings('baseline', { epochs: 9 }), [run(other), first])).toBe('baseline, epochs 9');
    const own = { ...settings('custom'), layers: presets.second() };
    expect(runName(own, [first, run(settings('custom'))])).toBe('own network, other layers');
  });
});

test('how far weights have moved, beside how large they were', () => {
  expect(movement([4, 1], [1, 1])).toEqual({ moved: 1, size: Math.sqrt(4.5) });
  expect(movement([], [])).toEqual({ moved: 0, size: 0 });
});
