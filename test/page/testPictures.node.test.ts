/** What the lab calls the pictures of a test: new animals only where there are some. */
import { expect, test } from 'vitest';
import { resultText } from '../../demo/lab/bench/resultText.ts';
import type { Role } from '../../demo/lab/protocol/index.ts';
import type { RunRecord } from '../../demo/lab/runs/record.ts';
import { TEST_TEXTS, type TestKind, testKind, testKindOf } from '../../demo/lab/runs/testPictures.ts';
import { roster } from '../../src/brain/simulator/mice.ts';

const kindOf = (source: RunRecord['source'], trained: number[], tested: number[], other = source) =>
  testKind({ source, segments: trained }, { source: other, segments: tested });

test('new animals are those that no segment to train on has', () => {
  const segments = [...roster.keys()];
  let fresh = 0;
  for (const a of segments) {
    for (const b of segments.filter((b) => b !== a)) {
      const shared = roster[a]!.some((mouse) => roster[b]!.includes(mouse));
      const kind = kindOf('simulated', [a], [b]);
      if (shared) expect(kind).toBe('other days');
      if (kind === 'new animals') fresh++;
    }
  }
  expect(fresh).toBe(18); // 0 to 2 beside 7 to 9, both ways
  expect(kindOf('simulated', [0, 1], [7, 8, 9])).toBe('new animals');
  expect(kindOf('course files', [7, 8], [0])).toBe('new animals');
  expect(kindOf('course files', [0], [1])).toBe('other days');
  expect(kindOf('simulated', [0, 1], [6, 7])).toBe('other days');
});

test('pictures that were handed over are of the same days; of others nothing is said', () => {
  expect(kindOf('handed over', [0], [7])).toBe('same days');
  expect(kindOf('pictures', [0], [7])).toBe('other pictures');
  expect(kindOf('simulated', [0, 1], [7], 'handed over')).toBe('other pictures');
  expect(kindOf('simulated', [0, 1], [1, 7])).toBe('other pictures'); // trained on some of them
  expect(kindOf('simulated', [], [7])).toBe('other pictures');
});

const roles = (letters: string): Role[] =>
  [...letters].map((letter) =>
    letter === 't' ? 'train' : letter === 'v' ? 'validate' : letter === 'e' ? 'test' : 'unused',
  );

/** A run that has been tested. */
function runOf(source: RunRecord['source'], change: Partial<RunRecord> = {}, letters = 'tt-----eee', tested = [7, 8]) {
  return {
    source,
    status: 'done',
    settings: { data: { roles: roles(letters) } },
    epochs: [{ x: 1, loss: 0, accuracy: 1, valAccuracy: 0.99 }],
    test: { accuracy: 0.79, loss: 0.1, source, segments: Int32Array.from(tested) },
    ...change,
  } as RunRecord;
}

test.each<[string, RunRecord, TestKind, string]>([
  ['simulated', runOf('simulated'), 'new animals', '99 % right on the days it trained on, 79 % on new animals.'],
  [
    'handed over',
    runOf('handed over', {}, 't------e--', [7]),
    'same days',
    '99 % right on held-out pictures, 79 % on new pictures of the same days.',
  ],
  ['own', runOf('pictures'), 'other pictures', '99 % right on held-out pictures, 79 % on the test pictures.'],
  [
    'validated',
    runOf('simulated', {}, 'ttv----eee'),
    'new animals',
    '99 % right on the pictures it was validated on, 79 % on new animals.',
  ],
  [
    'without held-out pictures',
    runOf('course files', { epochs: [{ x: 1, loss: 0, accuracy: 1 }] }, 'te--------', [1]),
    'other days',
    '100 % right on the pictures it trained on, 79 % on other days.',
  ],
  ['a file', runOf('simulated', { epochs: [] }), 'other pictures', '79 % on the test pictures.'],
])('the words of the result: %s', (_, run, kind, text) => {
  expect(testKindOf(run)).toBe(kind);
  expect(resultText(run)!.text).toBe(text);
});

test('only days can be learned in the place of fakes, and only new animals are called so', () => {
  expect(resultText(runOf('simulated'))).toMatchObject({ title: 'It learned the days, not the fakes.', dropped: true });
  expect(resultText(runOf('pictures'))).toMatchObject({
    title: 'It learned its pictures, not the fakes.',
    dropped: true,
  });
  const { 'new animals': fresh, ...others } = TEST_TEXTS;
  expect(fresh.title).toBe('Test on new animals');
  expect(JSON.stringify(others)).not.toMatch(/new animals|other animals/);
});

test('a run that was kept before its test had a source is of the source it was trained on', () => {
  const { source: _, ...old } = runOf('simulated').test!;
  expect(testKindOf(runOf('simulated', { test: old }))).toBe('new animals');
});
