/** The strip below the game: the images of the round that were answered. */
import { formatPercent } from '../../../format.ts';
import { CLASS_NAMES, type Picture } from '../../protocol/index.ts';
import { BrainPicture } from '../brainPicture.tsx';
import { ROUND, verdictOf } from './guessRound.ts';
import type { Round } from './useRound.ts';

interface GuessStripProps {
  round: Round | undefined;
  pictures: readonly Picture[] | undefined;
  /** Probabilities of fake. */
  network: readonly number[] | undefined;
}

/** The round's images side by side: what they are, what was guessed, and what the network says. Fills up during the round. */
export function GuessStrip({ round, pictures, network }: GuessStripProps) {
  const places = Array.from({ length: ROUND }, (_, place) => place);
  return (
    <>
      <ol class="guess-strip" aria-label="The images of this round">
        {places.map((place) => {
          const answer = round?.answers[place];
          const picture = pictures?.[place];
          return (
            <li key={place}>
              {round && picture && answer !== undefined ? (
                <Answered place={place} picture={picture} answer={answer} fake={network?.[place]} />
              ) : (
                <span class="picture guess-place">{place + 1}</span>
              )}
            </li>
          );
        })}
      </ol>
      <p class="note guess-legend">
        Under each image: what it is, your answer, the network's, and the network's probability of fake.
      </p>
    </>
  );
}

function Answered(props: { place: number; picture: Picture; answer: number; fake: number | undefined }) {
  const { place, picture, answer, fake } = props;
  const truth = CLASS_NAMES[picture.label]!;
  return (
    <>
      <BrainPicture pixels={picture.pixels} label={`Image ${place + 1}, segment ${picture.segment}`} />
      <strong class={`${truth}-text`}>{truth}</strong>
      <span>
        you <Mark right={answer === picture.label} said={CLASS_NAMES[answer]!} />
      </span>
      {/* Lines of the network are there before it has said anything, so that nothing moves. */}
      <span>{fake !== undefined && <Net fake={fake} label={picture.label} />}</span>
      <span>{fake !== undefined && <Probability fake={fake} />}</span>
    </>
  );
}

function Net({ fake, label }: { fake: number; label: number }) {
  const verdict = verdictOf(fake);
  return (
    <>
      net <Mark right={verdict === label} said={CLASS_NAMES[verdict]!} />
    </>
  );
}

function Probability({ fake }: { fake: number }) {
  return (
    <>
      <span class="visually-hidden">probability of fake </span>
      {formatPercent(fake, 0)}
    </>
  );
}

function Mark({ right, said }: { right: boolean; said: string }) {
  return (
    <>
      <span class="guess-said">{said}</span>{' '}
      <span class={right ? 'guess-right' : 'guess-wrong'} aria-hidden="true">
        {right ? '✓' : '✗'}
      </span>
      <span class="visually-hidden">{right ? 'right' : 'wrong'}</span>
    </>
  );
}
