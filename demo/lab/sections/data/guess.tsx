/** The game “Guess yourself”: ten images, one at a time, then a comparison with the network. */
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../../ui/controls.tsx';
import { Panel } from '../../../ui/layout.tsx';
import { data } from '../../state/data.ts';
import { usePictures } from '../../state/usePictures.ts';
import { GuessCard } from './guessCard.tsx';
import { networkScore, ownScore } from './guessRound.ts';
import { GuessStrip } from './guessStrip.tsx';
import { useNetworkGuesses } from './useNetworkGuesses.ts';
import { type Round, useRound } from './useRound.ts';

const NO_ROWS: readonly number[] = [];
/** Labels by the keys that answer with them. */
const KEYS: Readonly<Record<string, number>> = { r: 0, f: 1 };

/** A game: real or fake, the user against the network. */
export function Guess() {
  const { round, answer, again } = useRound();
  const loaded = usePictures(round?.rows ?? NO_ROWS);
  // Pictures of the round before stay for a moment; they must not be taken for this round's.
  const pictures = round && loaded?.every(({ row }, i) => row === round.rows[i]) ? loaded : undefined;
  const over = round !== undefined && round.place === round.rows.length;
  const network = useNetworkGuesses(over ? round.rows : undefined);
  const game = useRef<HTMLFieldSetElement>(null);
  const focusGame = () => game.current?.focus({ preventScroll: true });
  useEffect(() => {
    // The button that had the focus has gone: keys and screen readers continue from the game.
    if (over && document.activeElement === document.body) focusGame();
  }, [over]);
  const press = (event: KeyboardEvent) => {
    const label = KEYS[event.key.toLowerCase()];
    if (label === undefined || event.ctrlKey || event.metaKey || event.altKey || !pictures) return;
    event.preventDefault();
    answer(label);
  };
  const playAgain = () => {
    again();
    focusGame();
  };
  return (
    <Panel title="Guess yourself" note={<Rules round={round} />}>
      {/* Focusable by a click: Safari does not give the focus to buttons, and keys are to work after a click. */}
      <fieldset class="guess" ref={game} tabIndex={-1} aria-label="Real or fake: the game" onKeyDown={press}>
        <div class="guess-stage">
          <GuessCard round={round} pictures={pictures} network={network} />
          <div class="guess-side">
            <p class="guess-count">{over ? 'Your round is over' : countOf(round)}</p>
            <div class="guess-buttons">
              {over ? (
                <Button kind="main" onClick={playAgain}>
                  Play again
                </Button>
              ) : (
                <>
                  <Button disabled={!pictures} onClick={() => answer(0)}>
                    <span class="real-text">Real</span>{' '}
                    <span class="key" aria-hidden="true">
                      R
                    </span>
                  </Button>
                  <Button disabled={!pictures} onClick={() => answer(1)}>
                    <span class="fake-text">Fake</span>{' '}
                    <span class="key" aria-hidden="true">
                      F
                    </span>
                  </Button>
                </>
              )}
            </div>
            <p class="guess-feedback" role="status">
              {over ? resultOf(round, network) : feedbackOf(round)}
            </p>
            <GuessStrip round={round} pictures={pictures} network={network} />
          </div>
        </div>
      </fieldset>
      <details class="guess-hint">
        <summary>What may give a fake away</summary>
        <p>
          A generator paints an image by enlarging a small one step by step, which leaves traces. In the simulated fakes
          the fine grain repeats itself, more or less, every 32 pixels: a quarter of the image's width. Of the window's
          cut corners some are lost, others cut by a crooked edge. An eye finds the second sooner; the preset “improved”
          looks for the first.
        </p>
      </details>
    </Panel>
  );
}

function Rules({ round }: { round: Round | undefined }) {
  const unseen = !round || round.unseen;
  return (
    <>
      Ten images{unseen ? ' from the test segments, which are kept out of training' : ''}, one at a time. Press Real or
      Fake, or the keys R and F while the focus is within the game, then compare yourself with the network.
    </>
  );
}

function countOf(round: Round | undefined): string {
  if (round) return `Image ${round.place + 1} of ${round.rows.length}`;
  return data.value?.labels.length === 0 ? 'There are no images: give a segment a use.' : 'Waiting for the images';
}

function feedbackOf(round: Round | undefined): string {
  const last = round?.answers.at(-1);
  if (!round || last === undefined) return '';
  const truth = round.labels[round.answers.length - 1]!;
  const what = `image ${round.answers.length} is ${truth === 0 ? 'real' : 'fake'}`;
  return last === truth ? `Right, ${what}.` : `Wrong, ${what}.`;
}

/** Said aloud; the card shows the same as numbers. */
function resultOf(round: Round, network: readonly number[] | undefined): string {
  const own = `You told ${ownScore(round)} of ${round.rows.length} right`;
  return network ? `${own}, the network ${networkScore(round, network)}.` : `${own}.`;
}
