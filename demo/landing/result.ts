/** What has happened in a round, in words. */
import { scoreOf } from './round.ts';

export interface Outcome {
  /** What the pictures are: 0 real, 1 fake. */
  readonly labels: readonly number[];
  readonly you: readonly number[];
  /** The network's answers, each given right after yours; undefined: there was no network yet. */
  readonly network: readonly (number | undefined)[];
  /** Its answers with what it knows when the round is over, where it has learned meanwhile. */
  readonly later?: readonly number[] | undefined;
}

/** Two to four sentences: who was better, what each took for what, and what the network has learned since. */
export function sayResult({ labels, you, network, later }: Outcome): string[] {
  const total = labels.length;
  const own = scoreOf(labels, you);
  if (!network.every((answer) => answer !== undefined)) {
    return [`You have ${own} of ${total} right.`, mistakes('You', labels, you)];
  }
  const theirs = scoreOf(labels, network);
  const sentences = [who(own, theirs, total), mistakes('You', labels, you), mistakes('The network', labels, network)];
  const now = later && scoreOf(labels, later);
  if (now !== undefined && now !== theirs) {
    sentences.push(`It was learning meanwhile: now it gets ${now} of the same ${total} right.`);
  }
  return sentences;
}

function who(own: number, theirs: number, total: number): string {
  if (own > theirs) return `You were better: ${own} of ${total} right, the network ${theirs}.`;
  if (own < theirs) return `The network was better: ${theirs} of ${total} right, you ${own}.`;
  return `Nobody was better: you and the network have ${own} of ${total} right.`;
}

function mistakes(name: string, labels: readonly number[], answers: readonly number[]): string {
  const missed = (label: number) => labels.filter((truth, i) => truth === label && answers[i] !== label).length;
  const [real, fake] = [missed(0), missed(1)];
  const parts = [
    ...(fake > 0 ? [`${fake} ${fake === 1 ? 'fake for a recording' : 'fakes for recordings'}`] : []),
    ...(real > 0 ? [`${real} ${real === 1 ? 'recording for a fake' : 'recordings for fakes'}`] : []),
  ];
  return parts.length > 0 ? `${name} took ${parts.join(' and ')}.` : `${name} made no mistake.`;
}
