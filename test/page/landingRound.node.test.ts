/** The rules of the landing page's game, and what it says at the end. */
import { describe, expect, it } from 'vitest';
import { GLANCE_MS, Glance } from '../../demo/landing/glance.ts';
import { sayResult } from '../../demo/landing/result.ts';
import { drawRound, ROUND, scoreOf, verdictOf } from '../../demo/landing/round.ts';

/** Numbers that look random, and are the same each time. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const cards = Array.from({ length: 100 }, (_, id) => ({ id, label: id % 2 }));
const of = (label: number) => cards.filter((card) => card.label === label);

describe('drawRound', () => {
  it('draws ten different pictures, 4 to 6 of them fakes', () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const round = drawRound(cards, pseudoRandom(seed));
      expect(new Set(round).size).toBe(ROUND);
      seen.add(round.filter(({ label }) => label === 1).length);
    }
    expect([...seen].sort()).toEqual([4, 5, 6]);
  });

  it('fills up from the other class', () => {
    expect(drawRound(of(1), pseudoRandom(1))).toHaveLength(ROUND);
    expect(drawRound([cards[0]!, ...of(1)], pseudoRandom(1))).toContain(cards[0]);
    expect(drawRound([cards[1]!, ...of(0)], pseudoRandom(1))).toContain(cards[1]);
  });

  it('draws all where there are fewer than ten', () => {
    expect(new Set(drawRound(cards.slice(0, 3), pseudoRandom(1)))).toEqual(new Set(cards.slice(0, 3)));
  });
});

it('scores count right answers, and none that is not there yet', () => {
  expect(scoreOf([0, 1, 0], [0, 1, 1])).toBe(2);
  expect(scoreOf([0, 1], [])).toBe(0);
  expect(scoreOf([0, 1, 0], [undefined, 1, undefined])).toBe(1);
  expect([0.2, 0.5, 0.51, 1].map(verdictOf)).toEqual([0, 0, 1, 1]);
});

describe('the result in words', () => {
  const labels = [0, 1, 0, 1];
  it('says who was better, and what each took for what', () => {
    expect(sayResult({ labels, you: [0, 1, 0, 1], network: [1, 1, 1, 0] })).toEqual([
      'You were better: 4 of 4 right, the network 1.',
      'You made no mistake.',
      'The network took 1 fake for a recording and 2 recordings for fakes.',
    ]);
    expect(sayResult({ labels, you: [1, 0, 0, 0], network: [0, 1, 0, 1] })).toEqual([
      'The network was better: 4 of 4 right, you 1.',
      'You took 2 fakes for recordings and 1 recording for a fake.',
      'The network made no mistake.',
    ]);
    expect(sayResult({ labels, you: [1, 1, 0, 1], network: [0, 1, 0, 0] })[0]).toBe(
      'Nobody was better: you and the network have 3 of 4 right.',
    );
  });

  it('says what the network has learned since, where that changes its score', () => {
    const outcome = { labels, you: [0, 1, 0, 1], network: [1, 1, 1, 0] };
    expect(sayResult({ ...outcome, later: [0, 1, 0, 1] }).at(-1)).toBe(
      'It was learning meanwhile: now it gets 4 of the same 4 right.',
    );
    expect(sayResult({ ...outcome, later: [1, 1, 1, 0] })).toHaveLength(3);
  });

  it('without a network it is about you alone', () => {
    expect(sayResult({ labels, you: [0, 1, 1, 1], network: [0, undefined, 1, 1] })).toEqual([
      'You have 3 of 4 right.',
      'You took 1 recording for a fake.',
    ]);
  });
});

it('a picture is seen a moment after its first frame, and not before', () => {
  const glance = new Glance();
  expect(glance.isOver(1e9)).toBe(false);
  glance.begin(100);
  glance.begin(200); // another frame of the same
  expect(glance.isOver(100 + GLANCE_MS - 1)).toBe(false);
  expect(glance.isOver(100 + GLANCE_MS)).toBe(true);
  glance.reset();
  expect(glance.isOver(1e9)).toBe(false);
});
