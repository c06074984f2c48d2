/** The visitor in the discriminator's place: ten pictures, one at a time, and what the page's own discriminator says of the same. */
import { useEffect, useState } from 'preact/hooks';
import { plural } from '../../format.ts';
import { Figure } from '../../lesson/figure.tsx';
import { Button } from '../../ui/controls.tsx';
import { PIXELS } from '../pictures.ts';
import { judge, otherFakes, shown, stored } from './client.ts';
import { SHOWN } from './noises.ts';
import type { Which } from './protocol.ts';
import { OnePicture } from './sheet.tsx';

const ROUND = 10;

interface Card {
  readonly pixels: Float32Array;
  readonly fake: boolean;
}

interface Round {
  readonly of: Which;
  readonly cards: readonly Card[];
  /** The visitor's: taken for a fake. */
  readonly answers: readonly boolean[];
}

/** Some of the pictures, in random order. @param pictures `[n, 32, 32]` */
function draw(pictures: Float32Array, count: number): Float32Array[] {
  const rows = Array.from({ length: pictures.length / PIXELS }, (_, row) => ({ row, order: Math.random() }));
  rows.sort((a, b) => a.order - b.order);
  return rows.slice(0, count).map(({ row }) => pictures.subarray(row * PIXELS, (row + 1) * PIXELS));
}

/** Four to six fakes, so that nobody knows the last one by counting. */
async function newRound(): Promise<Round> {
  const of = shown.value;
  const fakes = 4 + Math.floor(3 * Math.random());
  const cards = [
    ...draw(await otherFakes(of), fakes).map((pixels) => ({ pixels, fake: true })),
    ...draw(stored.value!.recordings.subarray(SHOWN * PIXELS), ROUND - fakes).map((pixels) => ({
      pixels,
      fake: false,
    })),
  ];
  const order = cards.map((card) => ({ card, at: Math.random() })).sort((a, b) => a.at - b.at);
  return { of, cards: order.map(({ card }) => card), answers: [] };
}

const rightOf = ({ cards, answers }: Round) => answers.filter((answer, i) => answer === cards[i]!.fake).length;

export function Guess() {
  const [round, setRound] = useState<Round>();
  const [network, setNetwork] = useState<{ right: number; step: number }>();
  const begin = () => {
    setNetwork(undefined);
    newRound().then(setRound, reportError);
  };
  useEffect(() => {
    if (stored.value && !round) begin();
  }, [stored.value]);
  const over = round !== undefined && round.answers.length === round.cards.length;
  useEffect(() => {
    if (over) judgeAll(round).then(setNetwork, reportError);
  }, [over]);
  const answer = (fake: boolean) => {
    if (round && !over) setRound({ ...round, answers: [...round.answers, fake] });
  };
  const at = round?.answers.length ?? 0;
  return (
    <Figure
      id="guess"
      title="You are the discriminator"
      text="Ten pictures, some recordings, some fakes. This is all that the discriminator sees, too."
    >
      <div class="guess">
        <OnePicture
          pixels={round?.cards[Math.min(at, ROUND - 1)]?.pixels}
          label={over ? 'The last picture' : `Picture ${at + 1} of ${ROUND}`}
        />
        <div class="guess-side">
          <p class="guess-count">{over ? 'All ten seen.' : `Picture ${at + 1} of ${ROUND}`}</p>
          <div class="row">
            <Button resting={!round || over} onClick={() => answer(false)}>
              Recording
            </Button>
            <Button resting={!round || over} onClick={() => answer(true)}>
              Fake
            </Button>
            <Button kind="quiet" resting={at === 0} onClick={() => at > 0 && begin()}>
              New round
            </Button>
          </div>
          <Marks round={round} />
          <p class="guess-result" role="status">
            {round && at > 0 && !over && said(round, at - 1)}
            {round && over && (
              <>
                {said(round, at - 1)} You got <strong>{rightOf(round)} of 10</strong> right; a coin gets 5.{' '}
                {network &&
                  `The discriminator that learns in this page, after ${plural(network.step, 'step')}: ${network.right} of the same 10.`}
              </>
            )}
          </p>
        </div>
      </div>
    </Figure>
  );
}

const said = ({ cards, answers, of }: Round, i: number) => {
  const { fake } = cards[i]!;
  const truth = fake ? `a fake, by ${of === 'own' ? 'your generator' : 'the generator trained before'}` : 'a recording';
  return `${answers[i] === fake ? 'Right' : 'Wrong'}: picture ${i + 1} is ${truth}.`;
};

async function judgeAll({ cards }: Round): Promise<{ right: number; step: number } | undefined> {
  const pictures = new Float32Array(ROUND * PIXELS);
  cards.forEach(({ pixels }, i) => {
    pictures.set(pixels, i * PIXELS);
  });
  const judged = await judge(pictures);
  if (!judged) return undefined;
  return { step: judged.step, right: cards.filter(({ fake }, i) => fake === judged.logits[i]! < 0).length };
}

function Marks({ round }: { round: Round | undefined }) {
  return (
    <ol class="guess-marks" aria-label="The round so far">
      {Array.from({ length: ROUND }, (_, i) => {
        const card = round && i < round.answers.length ? round.cards[i]! : undefined;
        const right = card && round!.answers[i] === card.fake;
        return (
          <li key={`${i}`} class={card && (card.fake ? 'fake' : 'real')}>
            {card ? (
              <>
                <OnePicture pixels={card.pixels} label={`Picture ${i + 1}: ${card.fake ? 'fake' : 'recording'}`} />
                <span class={right ? 'right' : 'wrong'}>{right ? '✓' : '✗'}</span>
              </>
            ) : (
              <span class="guess-place">{i + 1}</span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
