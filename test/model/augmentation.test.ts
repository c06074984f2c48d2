/** The layers of augmentation: what they make of images in training, and that they leave all else alone. */
import { describe, expect, test } from 'vitest';
import {
  cutout,
  randomBrightness,
  randomContrast,
  randomCrop,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomZoom,
} from '../../src/augmentation/index.ts';
import { ArgumentError, graph, type LayerSpec, layers, ShapeError, sequential } from '../../src/index.ts';
import { randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';
import { runOnce } from '../support/session.ts';

/** What a stack of layers makes of images, `[n, ...inputShape]`, and their shape. */
async function applied(specs: readonly LayerSpec[], n: number, images: ArrayLike<number>, seed?: number) {
  const model = sequential(specs);
  await model.compile({ device: await testDevice() });
  const g = graph();
  const x = g.input('x', [n, ...model.inputShape]);
  const given = g.input('seed', [1], 'u32');
  const y = seed === undefined ? model.apply(x) : model.apply(x, { training: true, seed: given });
  model.dispose();
  if (y === x) return { y: [...Array.from(images)], same: true, shape: y.shape };
  const feeds = [[x, images], ...(seed === undefined ? [] : [[given, [seed]] as const])] as never;
  const [values] = await runOnce(g, feeds, [y]);
  return { y: values!, same: false, shape: y.shape };
}

const noise = (length: number) => {
  const random = randomStream(4);
  return Float32Array.from({ length }, () => random() - 0.5);
};

/** Images of an output, one list each. */
const split = (values: readonly number[], n: number) =>
  Array.from({ length: n }, (_, b) => values.slice((b * values.length) / n, ((b + 1) * values.length) / n));

/** How far the ranks of numbers are from those of a uniform distribution, in the unit of Kolmogorov and Smirnov's test. */
function uneven(values: readonly number[], [low, high]: readonly [number, number]): number {
  const n = values.length;
  const ranks = [...values].sort((a, b) => a - b).map((v, i) => Math.abs((v - low) / (high - low) - (i + 0.5) / n));
  return Math.max(...ranks) * Math.sqrt(n);
}
/** One in a thousand uniform samples is more uneven. The seeds are fixed, so that the tests are not of chance. */
const UNEVEN = 1.95;

/** How many standard deviations a count of fair coins is from the mean. */
const unfair = (heads: number, n: number) => Math.abs(heads - n / 2) / Math.sqrt(n / 4);

describe('flips and crops copy pixels, bit for bit', () => {
  const [n, h, w, c] = [400, 3, 4, 2];
  const images = noise(n * h * w * c);
  images[5] = 1e-42; // too small for a normal number, which arithmetic may flush
  const at = (b: number, i: number, j: number, k: number) => images[((b * h + i) * w + j) * c + k]!;
  const inputShape = [h, w, c];

  test.each(['horizontal', 'vertical', 'horizontalAndVertical'] as const)('%s', async (mode) => {
    const { y } = await applied([randomFlip({ inputShape, mode })], n, images, 1);
    const seen = { rows: 0, columns: 0, both: 0 };
    for (const [b, image] of split(y, n).entries()) {
      const flipped = (rows: boolean, columns: boolean) =>
        image.every((v, e) => {
          const [i, j] = [Math.floor(e / c / w), Math.floor(e / c) % w];
          return Object.is(v, at(b, rows ? h - 1 - i : i, columns ? w - 1 - j : j, e % c));
        });
      const found = [[false, false], [true, false], [false, true], [true, true]].filter(([r, q]) => flipped(r!, q!)); // biome-ignore format: pairs
      expect(found, `image ${b}`).toHaveLength(1);
      const [rows, columns] = found[0]!;
      seen.rows += Number(rows);
      seen.columns += Number(columns);
      seen.both += Number(rows && columns);
    }
    if (mode === 'horizontal') expect(seen.rows).toBe(0);
    else expect(unfair(seen.rows, n)).toBeLessThan(3);
    if (mode === 'vertical') expect(seen.columns).toBe(0);
    else expect(unfair(seen.columns, n)).toBeLessThan(3);
    // Independent of one another: both together in a quarter.
    if (mode === 'horizontalAndVertical') expect(Math.abs(seen.both - n / 4) / Math.sqrt((n * 3) / 16)).toBeLessThan(3);
  });

  test('a window at each place alike; at the centre without training', async () => {
    const crop = randomCrop({ inputShape, height: 2, width: 2 });
    const { y, shape } = await applied([crop], n, images, 2);
    expect(shape).toEqual([n, 2, 2, c]);
    const windowOf = (b: number, top: number, left: number) =>
      Array.from({ length: 4 * c }, (_, e) =>
        at(b, top + Math.floor(e / c / 2), left + (Math.floor(e / c) % 2), e % c),
      );
    const counts = new Map<string, number>();
    for (const [b, image] of split(y, n).entries()) {
      const places = [0, 1].flatMap((top) => [0, 1, 2].map((left) => [top, left] as const));
      const found = places.filter(([top, left]) => windowOf(b, top, left).every((v, e) => Object.is(v, image[e])));
      expect(found, `image ${b}`).toHaveLength(1);
      counts.set(String(found[0]), (counts.get(String(found[0])) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - n / 6) / Math.sqrt((n * 5) / 36)).toBeLessThan(3);
    const centre = await applied([crop], n, images);
    expect(split(centre.y, n)).toEqual(Array.from({ length: n }, (_, b) => windowOf(b, 0, 1)));
  });

  test('a quarter turn counterclockwise', async () => {
    const turn = randomRotation({ inputShape: [2, 2, 1], factor: [0.25, 0.25] });
    expect((await applied([turn], 1, [1, 2, 3, 4], 3)).y).toEqual([2, 4, 1, 3]);
  });
});

describe('amounts are uniform within their range, and one for each image', () => {
  const n = 2000;
  /** Images whose values are their row and their column. */
  const ramps = (h: number, w: number) =>
    Float32Array.from({ length: n * h * w * 2 }, (_, e) => [Math.floor(e / 2 / w) % h, Math.floor(e / 2) % w][e % 2]!);

  test('translation: down and to the right, in parts of the image', async () => {
    const layer = randomTranslation({ inputShape: [5, 9, 2], heightFactor: 0.2, widthFactor: [0, 0.3] });
    const { y } = await applied([layer], n, ramps(5, 9), 1);
    const middle = split(y, n).map((image) => [2 - image[(2 * 9 + 4) * 2]!, 4 - image[(2 * 9 + 4) * 2 + 1]!]);
    expect(uneven(middle.map(([down]) => down!), [-1, 1])).toBeLessThan(UNEVEN); // biome-ignore format: one line
    expect(uneven(middle.map(([, right]) => right!), [0, 2.7])).toBeLessThan(UNEVEN); // biome-ignore format: one line
  });

  test('rotation: counterclockwise, in turns', async () => {
    const layer = randomRotation({ inputShape: [5, 5, 2], factor: [-0.1, 0.25], fillMode: 'nearest' });
    const { y } = await applied([layer], n, ramps(5, 5), 1);
    // The pixel to the right of the centre shows what lies below there, for a turn counterclockwise.
    const turns = split(y, n).map((image) => {
      const [row, column] = [image[(2 * 5 + 3) * 2]! - 2, image[(2 * 5 + 3) * 2 + 1]! - 2];
      expect(Math.hypot(row, column)).toBeCloseTo(1, 5);
      return Math.atan2(row, column) / (2 * Math.PI);
    });
    expect(uneven(turns, [-0.1, 0.25])).toBeLessThan(UNEVEN);
  });

  test('zoom: one for both directions, or two', async () => {
    const steps = async (options: { widthFactor?: readonly [number, number] }) => {
      const layer = randomZoom({ inputShape: [5, 5, 2], heightFactor: 0.4, ...options });
      const { y } = await applied([layer], n, ramps(5, 5), 1);
      return split(y, n).map((image) => [2 - image[1 * 5 * 2 + 4]!, 2 - image[2 * 5 * 2 + 3]!] as const);
    };
    const one = await steps({});
    for (const [rows, columns] of one) expect(rows).toBeCloseTo(columns, 5);
    expect(uneven(one.map(([rows]) => rows), [0.6, 1.4])).toBeLessThan(UNEVEN); // biome-ignore format: one line
    const two = await steps({ widthFactor: [-0.5, 0] });
    expect(uneven(two.map(([rows]) => rows), [0.6, 1.4])).toBeLessThan(UNEVEN); // biome-ignore format: one line
    expect(uneven(two.map(([, columns]) => columns), [0.5, 1])).toBeLessThan(UNEVEN); // biome-ignore format: one line
  });

  test('brightness: the same for all pixels of an image, cut off at the ends of the range', async () => {
    const images = noise(n * 6).map((v) => 100 + 50 * v);
    const layer = randomBrightness({ inputShape: [3, 1, 2], factor: [-0.2, 0.1] });
    const { y } = await applied([layer], n, images, 1);
    const added = split(y, n).map((image, b) => image.map((v, e) => v - images[b * 6 + e]!));
    for (const one of added) for (const v of one) expect(v).toBeCloseTo(one[0]!, 4);
    expect(uneven(added.map(([v]) => v!), [-51, 25.5])).toBeLessThan(UNEVEN); // biome-ignore format: one line
    const narrow = randomBrightness({ inputShape: [3, 1, 2], factor: 1, valueRange: [90, 110] });
    const cut = (await applied([narrow], n, images, 1)).y;
    expect([Math.min(...cut), Math.max(...cut)]).toEqual([90, 110]);
  });

  test('contrast: away from the mean of each channel, or towards it', async () => {
    // Two pixels of two channels: means 2 and 20, distances 1 and 10.
    const images = Float32Array.from({ length: n * 4 }, (_, e) => [1, 10, 3, 30][e % 4]!);
    const factors = async (factor: number | readonly [number, number]) => {
      const layer = randomContrast({ inputShape: [1, 2, 2], factor });
      return split((await applied([layer], n, images, 1)).y, n).map(([a, b, c, d]) => {
        expect((a! + c!) / 2).toBeCloseTo(2, 5);
        expect((d! - b!) / 20).toBeCloseTo((c! - a!) / 2, 5);
        return (c! - a!) / 2;
      });
    };
    expect(uneven(await factors(0.3), [0.7, 1.3])).toBeLessThan(UNEVEN);
    expect(uneven(await factors([0.1, 0.5]), [0.9, 1.5])).toBeLessThan(UNEVEN);
  });

  test('cutout: a square of each image, whose middle may be any pixel', async () => {
    const images = new Float32Array(n * 25 * 2).fill(7);
    const { y } = await applied([cutout({ inputShape: [5, 5, 2], size: 3, fillValue: -1 })], n, images, 1);
    const middles = new Map<number, number>();
    for (const image of split(y, n)) {
      const rows = new Set<number>();
      const columns = new Set<number>();
      image.forEach((v, e) => {
        if (v === 7) return;
        expect(v).toBe(-1);
        rows.add(Math.floor(e / 10));
        columns.add(Math.floor(e / 2) % 5);
      });
      expect(image.filter((v) => v === -1)).toHaveLength(rows.size * columns.size * 2);
      // At an edge the square has lost a row or a column there.
      const middle = (axis: Set<number>) => (axis.size === 3 ? Math.min(...axis) + 1 : axis.has(0) ? 0 : 4);
      const place = middle(rows) * 5 + middle(columns);
      middles.set(place, (middles.get(place) ?? 0) + 1);
    }
    expect(middles.size).toBe(25);
    for (const count of middles.values())
      expect(Math.abs(count - n / 25) / Math.sqrt((n * 24) / 625)).toBeLessThan(3.5);
  });
});

describe('draws', () => {
  const inputShape = [6, 6, 1];
  const images = noise(20 * 36);
  const [one, other] = [1, 2].map(() => randomRotation({ inputShape, factor: 0.3 }));

  test('the same for the same seed, others for another seed', async () => {
    const [a, b, c] = await Promise.all([5, 5, 6].map((seed) => applied([one!], 20, images, seed)));
    expect(b!.y).toEqual(a!.y);
    expect(split(c!.y, 20).filter((image, k) => image.join() === split(a!.y, 20)[k]!.join())).toEqual([]);
  });

  test('others for each layer of a model', async () => {
    const twice = await applied([one!, other!], 20, images, 5);
    const once = await applied([one!], 20, images, 5);
    const again = await applied([one!], 20, once.y, 5); // were the draws equal, this would be the same
    expect(split(twice.y, 20).filter((image, k) => image.join() === split(again.y, 20)[k]!.join())).toEqual([]);
  });

  test('none without training', async () => {
    const move = { heightFactor: 0.2, widthFactor: 0.2 };
    const all = [
      ...[randomFlip({ inputShape }), randomTranslation(move), randomRotation({ factor: 0.1 }), randomZoom(move)],
      ...[randomBrightness({ factor: 0.1 }), randomContrast({ factor: 0.1 }), cutout({ size: 2 })],
    ];
    expect((await applied(all, 20, images)).same).toBe(true);
    const model = sequential([...all, layers.flatten()]);
    await model.compile({ device: await testDevice() });
    expect([...(await model.predict({ data: images, shape: [20, ...inputShape] })).data]).toEqual([...images]);
    expect(model.summary()).toContain('randomTranslation (RandomTranslation)');
    model.dispose();
  });
});

describe('what makes no sense is refused when the model is built', () => {
  const inputShape = [6, 5, 3];
  const wrong: readonly [string, () => LayerSpec, typeof ArgumentError, RegExp][] = [
    ['no image', () => randomFlip({ inputShape: [12] }), ShapeError, /randomFlip 'randomFlip' takes images/],
    ['a mode', () => randomFlip({ inputShape, mode: 'horizontal_and_vertical' as never }), ArgumentError, /Did you mean 'horizontalAndVertical'/], // biome-ignore format: a row
    ['a window too high', () => randomCrop({ inputShape, height: 7, width: 5 }), ShapeError, /\[7, 5\] does not fit into images of \[6, 5\]/], // biome-ignore format: a row
    ['no width', () => randomCrop({ inputShape, height: 4 } as never), ArgumentError, /width must be an integer of at least 1/], // biome-ignore format: a row
    ['a whole turn more', () => randomRotation({ inputShape, factor: 1.5 }), ArgumentError, /factor must be a number, or \[least, largest\], from -1 to 1/], // biome-ignore format: a row
    ['a range from the end', () => randomRotation({ inputShape, factor: [0.2, 0.1] }), ArgumentError, /factor must be/],
    ['no factor', () => randomRotation({ inputShape } as never), ArgumentError, /factor must be/],
    ['a fill mode', () => randomRotation({ inputShape, factor: 0.1, fillMode: 'mirror' as never }), ArgumentError, /fillMode must be 'constant', 'reflect'/], // biome-ignore format: a row
    ['an interpolation', () => randomZoom({ inputShape, heightFactor: 0.1, interpolation: 'cubic' as never }), ArgumentError, /interpolation must be/], // biome-ignore format: a row
    ['a fill value', () => randomZoom({ inputShape, heightFactor: 0.1, fillValue: Number.NaN }), ArgumentError, /fillValue must be a number/], // biome-ignore format: a row
    ['a zoom to nothing', () => randomZoom({ inputShape, heightFactor: -1 }), ArgumentError, /heightFactor must be .* from -0.999 to 1/], // biome-ignore format: a row
    ['half a translation', () => randomTranslation({ inputShape, heightFactor: 0.1 } as never), ArgumentError, /widthFactor must be/], // biome-ignore format: a row
    ['a range of values', () => randomBrightness({ inputShape, factor: 0.1, valueRange: [1, 0] }), ArgumentError, /valueRange must be \[least, largest\]/], // biome-ignore format: a row
    ['a contrast below 0', () => randomContrast({ inputShape, factor: -0.1 }), ArgumentError, /factor must be a number, or \[less, more\]/], // biome-ignore format: a row
    ['a square of nothing', () => cutout({ inputShape, size: 0 }), ArgumentError, /size must be one or two integers/],
    ['an option', () => cutout({ inputShape, size: 2, fill: 1 } as never), ArgumentError, /no option 'fill'/],
    ['an option in snake case', () => randomZoom({ inputShape, height_factor: 1 } as never), ArgumentError, /Did you mean 'heightFactor'/], // biome-ignore format: a row
  ];
  test.each(wrong)('%s', (_, make, error, message) => {
    const build = () => sequential([make()]);
    expect(build).toThrow(error);
    expect(build).toThrow(message);
  });

  test('by the names that Keras has in its layers', () => {
    expect(() => (layers as never as { randomFlip: unknown }).randomFlip).toThrow(
      "layers has no 'randomFlip': take randomFlip from 'neurite/augmentation' and call randomFlip({ … }).",
    );
    expect(() => sequential([{ type: 'RandomZoom', options: { inputShape: [4, 4, 1] } }])).toThrow(
      "unknown layer 'RandomZoom': take randomZoom from 'neurite/augmentation'",
    );
  });
});
