/** What the test of a network says, in words: what has it learned? */
import { formatPercent } from '../../format.ts';
import type { RunRecord } from '../runs/record.ts';
import { segmentsFor, TEST_TEXTS, type TestKind, testKindOf } from '../runs/testPictures.ts';
import { isSound } from '../score.ts';

/** From here on a network has hardly a mistake. */
const GOOD = 0.95;
/** So much worse on the test pictures it goes by what is only in those that it knows. */
const DROP = 0.08;
/** Guessing gives a half; up to here one cannot tell it from guessing. */
const GUESSING = 0.6;

export interface ResultText {
  title: string;
  text: string;
  /** It does much worse on the test pictures. */
  dropped: boolean;
}

/** @returns undefined for a run without a test that says anything */
export function resultText(run: RunRecord): ResultText | undefined {
  const { epochs, test } = run;
  if (!test || !isSound(test)) return undefined;
  const last = epochs.at(-1);
  const known = last?.valAccuracy ?? last?.accuracy;
  const kind = testKindOf(run);
  const before = known === undefined ? '' : `${formatPercent(known, 0)} right on ${knownOf(run, kind)}, `;
  const text = `${before}${formatPercent(test.accuracy, 0)} on ${TEST_TEXTS[kind].on}.`;
  return { ...verdictOf(test.accuracy, known ?? test.accuracy, kind), text };
}

/** The pictures that the network is right on in the course of its training. */
function knownOf({ epochs, settings }: RunRecord, kind: TestKind): string {
  if (epochs.at(-1)?.valAccuracy === undefined) return 'the pictures it trained on';
  if (segmentsFor('validate', settings.data.roles).length > 0) return 'the pictures it was validated on';
  return ofDays(kind) ? 'the days it trained on' : 'held-out pictures';
}

const ofDays = (kind: TestKind) => kind === 'new animals' || kind === 'other days';

function verdictOf(fresh: number, known: number, kind: TestKind): Omit<ResultText, 'text'> {
  const dropped = Math.max(fresh, known) >= GUESSING && known - fresh > DROP;
  if (dropped) return { title: `It learned ${ofDays(kind) ? 'the days' : 'its pictures'}, not the fakes.`, dropped };
  if (Math.max(fresh, known) < GUESSING) return { title: 'It is still guessing.', dropped };
  return { title: fresh >= GOOD ? 'It learned what makes a fake.' : 'It learned some of what makes a fake.', dropped };
}
