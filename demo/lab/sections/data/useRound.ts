import { useEffect, useRef, useState } from 'preact/hooks';
import { data, loading, rowsByRole } from '../../state/data.ts';
import { drawRound } from './guessRound.ts';

/** How long the answer is shown before the next image comes, in milliseconds. */
const ANSWER_TIME = 1200;

export interface Round {
  rows: readonly number[];
  /** What each row is: 0 real, 1 fake. */
  labels: readonly number[];
  /** The images are of segments that the network is not trained on. */
  unseen: boolean;
  /** The user's answers so far. */
  answers: readonly number[];
  /** Place of the image that is shown: that of the last answer for a while, then the next. */
  place: number;
}

/** A round of the game; undefined where there are no images. New data begin a new one. */
export function useRound(): { round: Round | undefined; answer: (label: number) => void; again: () => void } {
  const [round, setRound] = useState<Round>();
  const current = data.value;
  const busy = loading.value;
  const dealt = useRef(current);
  useEffect(() => {
    // On a first visit a few images come before the others: a round begins when all are there.
    if (busy || dealt.current === current) return;
    dealt.current = current;
    setRound(newRound());
  }, [current, busy]);
  const answered = round?.answers.length ?? 0;
  useEffect(() => {
    if (!round || answered === 0) return;
    const timer = setTimeout(() => setRound((now) => now && { ...now, place: now.answers.length }), ANSWER_TIME);
    return () => clearTimeout(timer);
  }, [round?.rows, answered]);
  const answer = (label: number) => {
    setRound((now) => {
      const open = now && now.place === now.answers.length && now.place < now.rows.length;
      return open ? { ...now, answers: [...now.answers, label] } : now;
    });
  };
  return { round, answer, again: () => setRound(newRound()) };
}

function newRound(): Round | undefined {
  const summary = data.value;
  if (!summary || summary.labels.length === 0) return undefined;
  const test = rowsByRole.value.test;
  const rows = drawRound(test.length > 0 ? test : [...summary.labels.keys()], summary.labels);
  return { rows, labels: rows.map((row) => summary.labels[row]!), unseen: test.length > 0, answers: [], place: 0 };
}
