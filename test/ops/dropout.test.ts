import { describe, expect, test } from 'vitest';
import { ArgumentError, type DropoutOptions, dropout, graph, plan, Session, ShapeError } from '../../src/index.ts';
import { dropoutSpec } from '../../src/selftest/specs/dropout.ts';
import { checkOp } from '../support/checkOp.ts';
import { testDevice } from '../support/device.ts';

checkOp(dropoutSpec);

/** Masks of the kernel for several seeds. */
async function masks(count: number, seeds: readonly number[], options: DropoutOptions): Promise<boolean[][]> {
  const g = graph();
  const x = g.input('x', [count]);
  const seed = g.input('seed', [1], 'u32');
  const y = dropout(x, seed, options);
  const session = await Session.create(await testDevice(), plan(g, [y]));
  try {
    session.write(x, new Float32Array(count).fill(1));
    const found: boolean[][] = [];
    for (const value of seeds) {
      session.write(seed, Uint32Array.of(value));
      session.run();
      const values = [...(await session.read(y))];
      const scale = 1 / (1 - options.rate);
      expect(values.every((v) => v === 0 || Math.abs(v / scale - 1) < 1e-6)).toBe(true);
      found.push(values.map((v) => v !== 0));
    }
    return found;
  } finally {
    session.destroy();
  }
}

/** How many standard deviations the count of `true` is away from that of independent draws. */
function deviation(draws: readonly boolean[], probability: number): number {
  const count = draws.filter(Boolean).length;
  return (count - draws.length * probability) / Math.sqrt(draws.length * probability * (1 - probability));
}

describe('dropout: statistics', () => {
  const COUNT = 100_003;
  // Everything is seeded: these bounds hold today and tomorrow. Among some 60 draws the largest deviation is about 2.5.
  const LIMIT = 4;

  test.each([0.1, 0.25, 0.5, 0.8])('rate %f: the share that is kept, so the mean of ones stays 1', async (rate) => {
    for (const kept of await masks(COUNT, [0, 1, 2, 1234567], { rate, salt: 3 })) {
      expect(Math.abs(deviation(kept, 1 - rate))).toBeLessThan(LIMIT);
      for (let lane = 0; lane < 4; lane++) {
        const every4th = kept.filter((_, i) => i % 4 === lane);
        expect(Math.abs(deviation(every4th, 1 - rate)), `lane ${lane}`).toBeLessThan(LIMIT);
      }
    }
  });

  test('neighbours are independent', async () => {
    const [kept] = await masks(COUNT, [5], { rate: 0.5, salt: 0 });
    for (const lag of [1, 2, 3, 4, 5, 8, 64, 256, 1024]) {
      const agree = kept!.slice(lag).map((k, i) => k === kept![i]);
      expect(Math.abs(deviation(agree, 0.5)), `lag ${lag}`).toBeLessThan(LIMIT);
    }
  });

  test('other seeds and other salts give other, independent masks', async () => {
    const seeds = [5, 6, 4, 5 + 2 ** 31];
    const all = await masks(COUNT, seeds, { rate: 0.5, salt: 5 });
    for (const salt of [4, 6, 5 + 2 ** 31]) all.push(...(await masks(COUNT, [5], { rate: 0.5, salt })));
    const [base] = all;
    all.slice(1).forEach((other, i) => {
      const agree = other.map((kept, k) => kept === base![k]);
      expect(Math.abs(deviation(agree, 0.5)), `mask ${i + 1}`).toBeLessThan(LIMIT);
    });
  });

  test('the same seed and salt give the same mask', async () => {
    const [a, b] = await masks(1001, [9, 9], { rate: 0.5, salt: 5 });
    expect(a).toEqual(b);
  });
});

test('dropout: rate 0 adds nothing to the graph', () => {
  const g = graph();
  const x = g.input('x', [2, 3]);
  expect(dropout(x, g.input('seed', [1], 'u32'), { rate: 0, salt: 0 })).toBe(x);
  expect(g.nodes).toHaveLength(0);
});

test('dropout: refuses what does not fit', () => {
  const g = graph();
  const x = g.input('x', [2, 3]);
  const seed = g.input('seed', [1], 'u32');
  for (const rate of [1, -0.1, 1.5, Number.NaN]) {
    expect(() => dropout(x, seed, { rate, salt: 0 }), `rate ${rate}`).toThrow(ArgumentError);
  }
  for (const salt of [-1, 0.5, 2 ** 32]) {
    expect(() => dropout(x, seed, { rate: 0.5, salt }), `salt ${salt}`).toThrow(ArgumentError);
  }
  expect(() => dropout(x, g.input('f', [1]), { rate: 0.5, salt: 0 })).toThrow(ShapeError);
  expect(() => dropout(x, g.input('two', [2], 'u32'), { rate: 0.5, salt: 0 })).toThrow(ShapeError);
  expect(() => dropout(g.input('i', [2], 'i32'), seed, { rate: 0.5, salt: 0 })).toThrow(ShapeError);
});
