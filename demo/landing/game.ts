/** The state of the game: the round, your answers, and the network's, which it gives right after yours. */
import { effect, signal } from '@preact/signals';
import { cardsOf, judge, lookAt, state } from './client.ts';
import { Glance } from './glance.ts';
import { type Card, drawRound, verdictOf } from './round.ts';

export interface Round {
  /** From 0. */
  readonly index: number;
  readonly cards: readonly Card[];
  readonly answers: readonly number[];
  /** The network's probabilities of fake; undefined: it has not answered yet. */
  readonly network: readonly (number | undefined)[];
  /** The same with what it knows now, once the round is over. */
  readonly later?: readonly number[];
}

/** Undefined while the first pictures are made. */
export const round = signal<Round | undefined>(undefined);

export const isOver = ({ cards, answers }: Round): boolean => answers.length === cards.length;
export const labelsOf = ({ cards }: Round): number[] => cards.map(({ label }) => label);
/** The network's verdicts. */
export const verdictsOf = (fake: readonly (number | undefined)[]): (number | undefined)[] =>
  fake.map((probability) => (probability === undefined ? undefined : verdictOf(probability)));

/** The round that the network was asked about last, and whether it had learned all. */
let judged = '';
let next: Promise<Card[]> | undefined;

const glance = new Glance();

/** The picture of now is on the screen. */
export const pictureShown = () => glance.begin(performance.now());

/** The next round, with other pictures. */
export async function deal(): Promise<void> {
  const index = round.value ? round.value.index + 1 : 0;
  const cards = drawRound(await (next ?? cardsOf(index)));
  next = undefined;
  glance.reset();
  round.value = { index, cards, answers: [], network: cards.map(() => undefined) };
}

/** Your answer to the picture that is shown: 0 real, 1 fake. Without a glance at it there is none. */
export function answer(label: number): void {
  const now = round.value;
  if (!now || isOver(now) || !glance.isOver(performance.now())) return;
  glance.reset();
  const place = now.answers.length;
  round.value = { ...now, answers: [...now.answers, label] };
  const { pixels } = now.cards[place]!;
  lookAt(pixels).catch(reportError);
  judge([pixels]).then(([fake]) => {
    const current = round.value!;
    if (current.index === now.index) round.value = { ...current, network: current.network.with(place, fake) };
  }, ignore);
  if (place === 4) {
    next = cardsOf(now.index + 1); // while there is time
    next.catch(ignore); // the next round asks again
  }
}

/** The panel of the network says why it does not answer. */
function ignore(): void {}

// With what the network knows when the round ends, and again when it has learned all.
effect(() => {
  const now = round.value;
  const learned = state.value === 'over';
  if (!now || !isOver(now) || (now.later && !learned) || now.network.includes(undefined)) return;
  const key = `${now.index} ${learned}`;
  if (key === judged) return;
  judged = key;
  judge(now.cards.map(({ pixels }) => pixels)).then((later) => {
    if (round.value?.index === now.index) round.value = { ...round.value, later };
  }, ignore);
});
