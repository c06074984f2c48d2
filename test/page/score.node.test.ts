/** ROC and its area, mistakes: against definitions worked out another way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accuracyBySegment, areaUnderCurve, rocCurve, worstMistakes } from '../../demo/lab/score.ts';

const labels = [0, 0, 1, 1, 1];
const fake = [0.2, 0.7, 0.9, 0.4, 0.7];

describe('ROC', () => {
  test('by hand, with a tie', () => {
    const third = 1 / 3;
    expect(rocCurve(labels, fake)).toEqual([
      { falsePositive: 0, truePositive: 0 },
      { falsePositive: 0, truePositive: third },
      { falsePositive: 0.5, truePositive: 2 * third }, // the two that share 0.7
      { falsePositive: 0.5, truePositive: 1 },
      { falsePositive: 1, truePositive: 1 },
    ]);
  });

  test('its area is the share of pairs that are in order, ties counting half', () => {
    const set = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 8 })), {
      minLength: 2,
      maxLength: 60,
    });
    fc.assert(
      fc.property(set, (images) => {
        const truth = images.map(([label]) => label);
        const scores = images.map(([, score]) => score / 8);
        fc.pre(truth.includes(0) && truth.includes(1));
        let ordered = 0;
        let pairs = 0;
        for (const [i, a] of truth.entries()) {
          for (const [j, b] of truth.entries()) {
            if (a !== 1 || b !== 0) continue;
            pairs++;
            if (scores[i]! > scores[j]!) ordered++;
            else if (scores[i] === scores[j]) ordered += 0.5;
          }
        }
        expect(areaUnderCurve(rocCurve(truth, scores))).toBeCloseTo(ordered / pairs, 10);
      }),
    );
  });

  test('a class is missing', () => {
    expect(areaUnderCurve(rocCurve([1, 1], [0.1, 0.9]))).toBeNaN();
  });
});

test('the most confident mistakes come first', () => {
  expect(worstMistakes([0, 1, 0, 1], [0.9, 0.3, 0.6, 0.8], 8)).toEqual([0, 1, 2]);
  expect(worstMistakes([0, 1, 0, 1], [0.9, 0.3, 0.6, 0.8], 1)).toEqual([0]);
  expect(worstMistakes([0, 1], [0.1, 0.9], 8)).toEqual([]);
});

test('accuracy by segment', () => {
  expect(accuracyBySegment(labels, fake, [9, 7, 7, 9, 9])).toEqual([
    { segment: 7, accuracy: 0.5, images: 2 },
    { segment: 9, accuracy: 2 / 3, images: 3 },
  ]);
});
