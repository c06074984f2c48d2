/** What the test of a network says, in words: what has it learned? */
import { formatPercent } from '../../format.ts';
import type { RunRecord } from '../runs/record.ts';
import { isSound } from '../score.ts';

/** From here on a network has hardly a mistake. */
const GOOD = 0.95;
/** So much worse on new animals it goes by what is of the days that it knows. */
const DROP = 0.08;
/** Guessing gives a half; up to here one cannot tell it from guessing. */
const GUESSING = 0.6;

export interface ResultText {
  title: string;
  text: string;
}

/** @returns undefined for a run without a test that says anything */
export function resultText({ epochs, test }: Pick<RunRecord, 'epochs' | 'test'>): ResultText | undefined {
  if (!test || !isSound(test)) return undefined;
  const last = epochs.at(-1);
  const known = last?.valAccuracy ?? last?.accuracy;
  const fresh = formatPercent(test.accuracy, 0);
  const days = known === undefined ? '' : `${formatPercent(known, 0)} right on the days it trained on, `;
  return { title: titleOf(test.accuracy, known ?? test.accuracy), text: `${days}${fresh} on new animals.` };
}

function titleOf(fresh: number, known: number): string {
  if (Math.max(fresh, known) < GUESSING) return 'It is still guessing.';
  if (known - fresh > DROP) return 'It learned the days, not the fakes.';
  return fresh >= GOOD ? 'It learned what makes a fake.' : 'It learned some of what makes a fake.';
}
