import { describe, expect, test } from 'vitest';
import { shuffleBrain } from '../../src/brain/files.ts';
import { simulateBrain, simulateBrainAsync } from '../../src/brain/simulator/index.ts';
import { ArgumentError } from '../../src/errors.ts';
import { imageStatistics, spread } from '../../tools/statistics.ts';

const PIXELS = 128 * 128;
const image = (set: { x: { data: Float32Array } }, i: number) => set.x.data.subarray(i * PIXELS, (i + 1) * PIXELS);

describe('what is simulated', () => {
  const set = simulateBrain({ segments: [0, 7], imagesPerClass: 6, seed: 3 });

  test('shape, classes, segments and source', () => {
    expect(set.x.shape).toEqual([24, 128, 128, 1]);
    expect([...set.y]).toEqual(Array.from({ length: 24 }, (_, i) => i % 2));
    expect([...set.segment]).toEqual(Array.from({ length: 24 }, (_, i) => (i < 12 ? 0 : 7)));
    expect(set.source).toBe('simulated');
  });

  test('each image fills 0 to 1, and none is another', () => {
    for (let i = 0; i < 24; i++) {
      const pixels = image(set, i);
      expect([Math.min(...pixels), Math.max(...pixels)]).toEqual([0, 1]);
      for (let j = 0; j < i; j++) expect(image(set, j)).not.toEqual(pixels);
    }
  });

  test('the same request gives the same bits, whatever else was asked for', async () => {
    const alone = simulateBrain({ segments: [7], imagesPerClass: 3, seed: 3 });
    for (let i = 0; i < 6; i++) expect(image(alone, i)).toEqual(image(set, 12 + i));
    expect(await simulateBrainAsync({ segments: [0, 7], imagesPerClass: 6, seed: 3 })).toEqual(set);
    const other = simulateBrain({ segments: [7], imagesPerClass: 1, seed: 4 });
    expect(image(other, 0)).not.toEqual(image(alone, 0));
  });

  test('shuffling keeps images, labels and segments together', () => {
    const shuffled = shuffleBrain(set, 5);
    expect(shuffled).toEqual(shuffleBrain(set, 5));
    expect([...shuffled.segment]).not.toEqual([...set.segment]);
    for (let i = 0; i < 24; i++) {
      const from = Array.from({ length: 24 }, (_, j) => j).find((j) =>
        image(set, j).every((v, p) => v === image(shuffled, i)[p]),
      );
      expect(from).toBeDefined();
      expect([shuffled.y[i], shuffled.segment[i]]).toEqual([set.y[from!], set.segment[from!]]);
    }
  });

  test('progress, and an abort', async () => {
    const seen: number[] = [];
    simulateBrain({ segments: [1], imagesPerClass: 20, seed: 0, onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([32, 40]);
    const stopped = simulateBrainAsync({ segments: [1], imagesPerClass: 20, seed: 0, signal: AbortSignal.abort('no') });
    await expect(stopped).rejects.toBe('no');
  });

  test('what does not exist is refused', () => {
    const ask = (change: object) => () => simulateBrain({ segments: [0], imagesPerClass: 1, seed: 0, ...change });
    expect(ask({ segments: [10] })).toThrow(/segment 10 is none of 0 to 9/);
    expect(ask({ imagesPerClass: 0 })).toThrow(/imagesPerClass is 0/);
    expect(ask({ seed: 0.5 })).toThrow(ArgumentError);
  });
});

describe('the look of the course’s pictures', () => {
  // Measured on the 9 real and 9 fake pictures, mean over the pictures; tools/calibrate.ts prints all of it.
  const measured = {
    real: { 'autocorrelation x 1': 0.15, 'autocorrelation x 32': 0 },
    fake: {
      'autocorrelation x 1': 0.151,
      'autocorrelation x 32': 0.18,
      'mirror correlation': 0.849,
      'midline row': 66.6,
    },
  };
  const set = simulateBrain({ segments: [0], imagesPerClass: 40, seed: 1 });
  const of = (label: number) => {
    const images = Array.from({ length: 40 }, (_, i) => image(set, 2 * i + label) as Float32Array<ArrayBuffer>);
    // Some names are indented, for the printed table.
    return Object.fromEntries(Object.entries(imageStatistics(images)).map(([name, values]) => [name.trim(), values]));
  };

  test.each(['real', 'fake'] as const)('of %s images', (kind) => {
    const statistics = of(kind === 'fake' ? 1 : 0);
    for (const [name, want] of Object.entries(measured[kind])) {
      const [mean, deviation] = spread(statistics[name]!);
      // Nine pictures say a mean to within a deviation or so.
      expect(Math.abs(mean - want), `${name}: ${mean} +- ${deviation}, measured ${want}`).toBeLessThan(1.5 * deviation);
    }
  });

  test('the noise of a fake repeats after 32 pixels, that of a real image does not', () => {
    const [real] = spread(of(0)['autocorrelation x 32']!);
    const [fake] = spread(of(1)['autocorrelation x 32']!);
    expect(Math.abs(real)).toBeLessThan(0.05);
    expect(fake).toBeGreaterThan(0.1);
  });
});
