/** What measures and stores the fakes of `npm run gan`: distances against formulas, half floats against every one that there is. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatorLayers } from '../demo/fakes/gan.ts';
import { PIXELS, picturesOf } from '../demo/fakes/pictures.ts';
import { accuracyOf, frechetDistance, meanDistance, moments } from '../demo/fakes/quality.ts';
import { type NamedWeight, sequential } from '../src/index.ts';
import { readSafetensors } from '../src/io/safetensors.ts';
import { orderWeights } from '../src/nn/file/weights.ts';
import { halfBits, halfSafetensors } from '../tools/gan/half.ts';
import { randomStream } from './support/arrays.ts';

const random = randomStream(5);
const rows = (n: number, width: number) => Float32Array.from({ length: n * width }, () => random() - 0.5);

test('moments are mean and covariance', () => {
  const { mean, covariance } = moments(Float32Array.of(1, 2, 3, 6), 2);
  expect([...mean]).toEqual([2, 4]);
  expect([...covariance]).toEqual([1, 2, 2, 4]);
});

test('the Fréchet distance: 0 to itself, of means, of scales, and by rotated axes', () => {
  const a = moments(rows(60, 5), 5);
  const b = moments(rows(60, 5), 5);
  expect(frechetDistance(a, a)).toBeCloseTo(0, 8);
  expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(b, a), 10);
  const moved = { ...a, mean: a.mean.map((x, i) => x + (i === 0 ? 3 : i === 1 ? 4 : 0)) };
  expect(frechetDistance(a, moved)).toBeCloseTo(25, 8);
  // Twice the size: (2 - 1)^2 times the variance of each axis.
  const scaled = { ...a, covariance: a.covariance.map((x) => 4 * x) };
  const trace = [0, 1, 2, 3, 4].reduce((sum, i) => sum + a.covariance[i * 6]!, 0);
  expect(frechetDistance(a, scaled)).toBeCloseTo(trace, 8);
  // Covariances with the same axes: the sum of (s1 - s2)^2, whichever way the axes are turned.
  const turned = (one: number, two: number) => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const covariance = Float64Array.of(
      c * c * one + s * s * two,
      c * s * (one - two),
      c * s * (one - two),
      s * s * one + c * c * two,
    );
    return { mean: new Float64Array(2), covariance };
  };
  expect(frechetDistance(turned(4, 9), turned(1, 16))).toBeCloseTo(1 + 1, 8);
  // A feature that never changes has a variance of 0.
  expect(frechetDistance(turned(4, 0), turned(1, 0))).toBeCloseTo(1, 6);
});

test('distances between pictures, and what a discriminator judges right', () => {
  expect(meanDistance(Float32Array.of(0, 0, 3, 3, 0, 0), 2)).toBeCloseTo((3 + 3 + 0) / 3, 10);
  expect(accuracyOf(Float32Array.of(1, -1, 2, 3), Float32Array.of(-1, 1))).toBe((0.75 + 0.5) / 2);
});

test('a picture is the image of the class that is asked for, by means of its blocks', () => {
  const data = new Float32Array(2 * 128 * 128);
  data.fill(1, 128 * 128 + 128 * 4, 128 * 128 + 128 * 8); // rows 4 to 7 of the second image
  const pictures = picturesOf({ x: { data, shape: [2, 128, 128, 1] }, y: Int32Array.of(1, 0) }, 0);
  expect(pictures.length).toBe(PIXELS);
  expect([...pictures].every((value, i) => Math.abs(value - (i >= 32 && i < 64 ? 1 : -1)) < 1e-6)).toBe(true);
});

test('every half float is written as itself, and what lies between goes to the nearer one', () => {
  const bits = Uint16Array.from({ length: 0x7c00 }, (_, i) => i);
  const header = new TextEncoder().encode(
    JSON.stringify({ all: { dtype: 'F16', shape: [bits.length], data_offsets: [0, 2 * bits.length] } }).padEnd(80),
  );
  const file = new Uint8Array(8 + header.length + 2 * bits.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(new Uint8Array(bits.buffer), 8 + header.length);
  const values = readSafetensors(file).tensors.get('all')!.data as Float32Array;
  values.forEach((value, i) => {
    if (halfBits(value) !== i || halfBits(-value) !== i + 0x8000) throw new Error(`${value} is not ${i}`);
  });
  for (let i = 0; i + 1 < values.length; i += 7) {
    const [low, high] = [values[i]!, values[i + 1]!];
    if (halfBits(low + 0.4 * (high - low)) !== i) throw new Error(`above ${low}`);
    if (halfBits(low + 0.6 * (high - low)) !== i + 1) throw new Error(`below ${high}`);
    if (halfBits((low + high) / 2) !== i + (i % 2)) throw new Error(`between ${low} and ${high}`);
  }
});

test('a file of halves is one that the engine reads', () => {
  const weights = [
    { name: 'a/kernel', shape: [2, 2], data: Float32Array.of(0.5, -1, Math.PI, 0) },
    { name: 'b/bias', shape: [1], data: Float32Array.of(1e-5) },
  ];
  const { tensors } = readSafetensors(halfSafetensors(weights));
  expect([...tensors.keys()]).toEqual(['a/kernel', 'b/bias']);
  expect(tensors.get('a/kernel')!.shape).toEqual([2, 2]);
  const [half, minus, pi, zero] = tensors.get('a/kernel')!.data as Float32Array;
  expect([half, minus, zero]).toEqual([0.5, -1, 0]);
  expect(Math.abs(pi! - Math.PI)).toBeLessThan(0.001);
});

test('the stored run: its generator fits the layers, and its numbers are as the page says', () => {
  const stored = (name: string) => readFileSync(new URL(`../demo/fakes/${name}`, import.meta.url));
  const { tensors } = readSafetensors(stored('generator.safetensors'));
  // What setWeights checks: names, shapes, and finite values.
  const { report } = orderWeights(sequential(generatorLayers()).layers, [...tensors.values()] as NamedWeight[], true);
  expect(report.taken.length).toBe(tensors.size);
  expect(report.missing).toEqual([]);
  const { measured, untrained, steps } = JSON.parse(stored('stored.json').toString());
  const { step, distance, spread } = measured.at(-1);
  expect(step).toBe(steps);
  expect(distance).toBeLessThan(untrained / 3);
  expect(spread).toBeGreaterThan(0.5);
  for (const { accuracy } of measured.slice(-measured.length / 3)) {
    expect(accuracy).toBeGreaterThan(0.55);
    expect(accuracy).toBeLessThan(0.95);
  }
});
