/** What the page's views are computed from: edits of layers, drawings, curves, schedules, files. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { channelOf, chosenPixels, offsetOf, strongest } from '../../demo/draw/positions.ts';
import type { LayerSpec } from '../../demo/lab/protocol/index.ts';
import * as edits from '../../demo/lab/sections/model/edits.ts';
import { FIELDS, formatValue, parseValue } from '../../demo/lab/sections/model/fields.ts';
import { placesOf } from '../../demo/lab/worker/files.ts';
import { RateMeter } from '../../demo/lab/worker/rate.ts';
import { arenaBytes, memoryMap } from '../../demo/machine/memoryMap.ts';
import { tokenLines } from '../../demo/machine/tokens.ts';
import { presets } from '../../src/brain/index.ts';
import { layerTypes } from '../../src/index.ts';

const input = [128, 128, 1];

describe('edits', () => {
  const list = presets.baseline();
  const types = (edited: readonly LayerSpec[]) => edited.map(({ type }) => type);
  const inputs = (edited: readonly LayerSpec[]) => edited.map(({ options }) => options.inputShape);

  test('the input shape stays with the first layer', () => {
    for (const edited of [
      edits.moveLayer(list, 0, 2),
      edits.moveLayer(list, 3, 0),
      edits.removeLayer(list, 0),
      edits.insertLayer(list, 0, edits.newLayer('flatten')),
    ]) {
      expect(inputs(edited)).toEqual([input, ...edited.slice(1).map(() => undefined)]);
    }
    expect(inputs(edits.setInputChannels(list, 3))[0]).toEqual([128, 128, 3]);
    expect(edits.inputChannels(edits.setInputChannels(list, 3))).toBe(3);
    expect(edits.inputChannels([])).toBe(1);
    expect(inputs(edits.insertLayer([], 0, edits.newLayer('flatten')))).toEqual([input]); // after all were removed
  });

  test('move, remove, insert, change', () => {
    expect(types(edits.moveLayer(list, 0, 2))).toEqual(['maxPool2d', 'flatten', 'conv2d', 'dense']);
    expect(edits.moveLayer(list, 0, -1)).toEqual(list);
    expect(edits.moveLayer(list, 3, 4)).toEqual(list);
    expect(types(edits.removeLayer(list, 1))).toEqual(['conv2d', 'flatten', 'dense']);
    expect(types(edits.insertLayer(list, 3, edits.newLayer('dropout')))).toEqual([
      'conv2d',
      'maxPool2d',
      'flatten',
      'dropout',
      'dense',
    ]);
    expect(edits.changeOption(list, 3, 'units', 7)[3]!.options).toEqual({ units: 7 });
    expect(edits.changeOption(list, 3, 'units', undefined)[3]!.options).toEqual({});
    expect(list).toEqual(presets.baseline()); // nothing was changed in place
  });

  test('every type of layer has its fields', () => {
    expect(Object.keys(FIELDS).sort()).toEqual([...layerTypes].sort());
  });

  test('values are read as they are written', () => {
    expect(parseValue('number', '5')).toBe(5);
    expect(parseValue('number', '1e-3')).toBe(1e-3);
    expect(parseValue('number', 'five')).toBeNaN();
    expect(parseValue('number', '')).toBeUndefined();
    for (const text of ['3x5', '3 × 5', '3, 5', ' 3 5 ']) expect(parseValue('pair', text)).toEqual([3, 5]);
    expect(parseValue('pair', '3')).toBe(3);
    expect(parseValue('pair', '3x')).toEqual([3, 0]); // half typed; the engine refuses a size of 0
    expect(parseValue('pair', '1 2 3')).toBeNaN();
    expect(parseValue('list', '4 4 -1')).toEqual([4, 4, -1]);
    for (const value of [3, [3, 5], undefined]) expect(parseValue('pair', formatValue(value))).toEqual(value);
    for (const value of [{ toString: 1, valueOf: 1 }, [{ toString: 1 }, 2]])
      expect(formatValue(value)).toMatch(/toString/);
  });
});

describe('max-pool positions', () => {
  test('valid: rows and columns of the chosen taps', () => {
    // 4 x 4 in windows of 2 x 2, one of two channels: taps 0, 1, 2, 3 in the second.
    const argmax = [9, 0, 9, 1, 9, 2, 9, 3];
    const pool = { input: [4, 4, 2], output: [2, 2, 2], size: [2, 2], strides: [2, 2] } as const;
    expect(chosenPixels(argmax, 1, pool)).toEqual([0, 3, 12 - 4 + 4, 15]);
  });

  test('same: windows begin before the border', () => {
    expect(offsetOf(5, 3, 3, 2)).toBe(1);
    expect(offsetOf(4, 2, 2, 2)).toBe(0);
    expect(offsetOf(5, 3, 2, 2)).toBe(0); // one zero, behind the last pixel
    const pool = { input: [3, 3, 1], output: [3, 3, 1], size: [3, 3], strides: [1, 1] } as const;
    expect(chosenPixels(new Array(9).fill(4), 0, pool)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]); // each window's middle
  });

  test('the channel with the largest value', () => {
    expect(strongest(Float32Array.of(0, 5, 1, 2, 3, 9), 3)).toBe(2);
    expect(strongest(new Float32Array(6), 3)).toBe(0);
  });

  test('one channel of several', () => {
    expect([...channelOf([1, 2, 3, 4, 5, 6], 3, 1)]).toEqual([2, 5]);
  });
});

describe('curves', () => {
  test('images a second: recent steps, without what lies between', () => {
    const meter = new RateMeter();
    expect(meter.imagesPerSecond).toBeNaN();
    for (let i = 0; i <= 10; i++) meter.add(i * 100, 32);
    expect(meter.imagesPerSecond).toBeCloseTo(320);
    for (let i = 0; i <= 40; i++) meter.add(1000 + i * 200, 32);
    expect(meter.imagesPerSecond).toBeCloseTo(160);
    meter.restart(60_000); // after a pause: the old speed, until a step is known
    expect(meter.imagesPerSecond).toBeCloseTo(160);
    meter.add(60_500, 32);
    expect(meter.imagesPerSecond).toBeCloseTo(64);
  });
});

describe('the schedule', () => {
  test('memory: bars of one slot do not overlap, slots do not touch', () => {
    const schedule = {
      slots: [1000, 4_000_000],
      lifetimes: [
        { tensor: 'a', bytes: 4_000_000, slot: 1, first: 0, last: 2 },
        { tensor: 'b', bytes: 900, slot: 0, first: 1, last: 3 },
        { tensor: 'c', bytes: 5000, slot: 1, first: 3, last: 5 },
      ],
    };
    const { bars, height } = memoryMap(schedule);
    const [a, b, c] = bars;
    expect(a!.y).toBe(c!.y);
    expect(a!.x + a!.width).toBeLessThanOrEqual(c!.x);
    expect(b!.y).toBeGreaterThan(a!.y + a!.height);
    expect(b!.y + b!.height).toBeLessThanOrEqual(height);
    expect(c!.height).toBeGreaterThan(5); // 1/800 of the other's bytes, and still to be seen
    expect(arenaBytes(schedule)).toEqual({ shared: 4_001_000, apart: 4_005_900 });
  });

  test('tokens give the text back, and know their kinds', () => {
    const source = readFileSync('shaders/conv2dRows.wgsl', 'utf8');
    const lines = tokenLines(source);
    expect(lines.map((line) => line.map(({ text }) => text).join('')).join('\n')).toBe(source);
    const [line] = tokenLines('@compute fn main() { let x: vec4f = 1.5e3; } // done');
    const kinds = line!.filter(({ kind }) => kind !== 'text').map(({ kind, text }) => [kind, text]);
    expect(kinds).toEqual([
      ['attribute', '@compute'],
      ['keyword', 'fn'],
      ['keyword', 'let'],
      ['type', 'vec4f'],
      ['number', '1.5e3'],
      ['comment', '// done'],
    ]);
  });
});

describe('pictures by their names', () => {
  const places = (...paths: string[]) => placesOf(paths).map(({ label, segment }) => `${label}${segment}`);

  test('the nearest word counts', () => {
    expect(places('real/a.png', 'fake/b.png')).toEqual(['00', '10']);
    expect(places('fakes/real_x.png', 'real/fake-1-of-9.jpg')).toEqual(['00', '10']);
    expect(() => places('surreal.png', 'fake.png')).toThrow(/surreal.png: neither/);
    expect(() => places('real1.png', 'real2.png')).toThrow(/no fake picture/);
  });

  test('segments by folder or number, else dealt out', () => {
    expect(places('real/segment3/a.png', 'real/segment3/b.png', 'fake/7/a.png')).toEqual(['03', '03', '17']);
    expect(places('real_2_a.png', 'real_2_b.png', 'fake_8_a.png')).toEqual(['02', '02', '18']);
    const many = [1, 2, 3, 4].flatMap((i) => [`real_${i}.png`, `fake_${i}.png`]);
    expect(places(...many)).toEqual(['00', '10', '00', '10', '00', '10', '07', '17']); // numbers that count pictures
  });
});
