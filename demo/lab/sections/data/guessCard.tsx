import { CLASS_NAMES, type Picture } from '../../protocol/index.ts';
import { currentModel, running } from '../../runs/runs.ts';
import { BrainPicture } from '../brainPicture.tsx';
import { networkScore, ownScore } from './guessRound.ts';
import type { Round } from './useRound.ts';

interface GuessCardProps {
  round: Round | undefined;
  pictures: readonly Picture[] | undefined;
  network: readonly number[] | undefined;
}

/** The image to be guessed, the answer for a moment, and at the end the score: all in one place of one size. */
export function GuessCard({ round, pictures, network }: GuessCardProps) {
  if (!round || !pictures) return <div class="guess-card picture" />;
  const picture = pictures[round.place];
  if (!picture) return <Score round={round} network={network} />;
  const answer = round.answers[round.place];
  const truth = round.labels[round.place]!;
  const state = answer === undefined ? '' : answer === truth ? 'right' : 'wrong';
  return (
    <div class={`guess-card ${state}`}>
      <BrainPicture pixels={picture.pixels} label={`Image ${round.place + 1}: real or fake?`} />
      {state && (
        <span class="guess-truth" aria-hidden="true">
          {state === 'right' ? '✓' : '✗'} {CLASS_NAMES[truth]}
        </span>
      )}
    </div>
  );
}

function Score({ round, network }: { round: Round; network: readonly number[] | undefined }) {
  const theirs = network && networkScore(round, network);
  return (
    <dl class="guess-card guess-score">
      <div>
        <dt>You</dt>
        <dd>
          {ownScore(round)} of {round.rows.length}
        </dd>
      </div>
      <div>
        <dt>{currentModel.value && !running.value ? `Network: ${currentModel.value.name}` : 'Network'}</dt>
        <dd class={theirs === undefined ? 'guess-wait' : ''}>
          {theirs === undefined ? waiting() : `${theirs} of ${round.rows.length}`}
        </dd>
      </div>
    </dl>
  );
}

/** Why the network has no score yet. */
function waiting(): string {
  if (running.value) return 'It is training: its score comes when the run is over.';
  return currentModel.value ? 'It is looking at the images.' : 'Train the network first; its score will appear here.';
}
