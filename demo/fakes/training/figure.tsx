/** A generator learns while one watches: its fakes beside recordings, and what both networks make of each other. */
import { useEffect, useRef } from 'preact/hooks';
import { formatCount, formatPercent } from '../../format.ts';
import { addressOf } from '../../frame/pages.ts';
import { formatFixed } from '../../lesson/agrees.ts';
import { Figure } from '../../lesson/figure.tsx';
import { Button } from '../../ui/controls.tsx';
import storedRun from '../stored.json';
import {
  failure,
  machine,
  measured,
  ownFakes,
  pauseOrResume,
  shown,
  start,
  startOver,
  state,
  steps,
  stored,
  storedDistance,
  wanted,
} from './client.ts';
import { Curves } from './curves.tsx';
import type { Which } from './protocol.ts';
import { Sheet } from './sheet.tsx';
import { ToLab } from './toLab.tsx';

export function Learning() {
  const begun = useRef(false);
  useEffect(() => {
    if (!begun.current) start().catch(reportError);
    begun.current = true;
  }, []);
  const large = shown.value;
  return (
    <Figure
      id="training"
      title="A generator learns while you watch"
      text="From the same 16 pieces of noise the generator paints 16 pictures. The discriminator learns to tell them from recordings."
    >
      <div class="gan">
        <figure>
          <figcaption>
            <strong class="fake-text">Fakes</strong>, {captionOf(large)}
          </figcaption>
          <Sheet pictures={picturesOf(large)} label={`16 fakes, ${captionOf(large)}`} />
        </figure>
        <figure>
          <figcaption>
            <strong class="real-text">Recordings</strong>, which no network has seen
          </figcaption>
          <Sheet pictures={stored.value?.recordings} label="16 recordings" />
        </figure>
        <div class="gan-side">
          <Other which={large === 'stored' ? 'own' : 'stored'} />
          <Curves steps={steps.value} measured={measured.value} />
          <Legend />
        </div>
        <div class="gan-words">
          <Verdict />
          <ToLab which={large} />
        </div>
      </div>
    </Figure>
  );
}

const picturesOf = (which: Which) => (which === 'stored' ? stored.value?.fakes : ownFakes.value?.fakes);

function captionOf(which: Which): string {
  if (which === 'stored') return `by a generator trained before, ${formatCount(storedRun.steps)} steps`;
  return `by your generator, step ${formatCount(ownFakes.value?.step ?? 0)}`;
}

/** The generator that is not shown large; a press shows it so. */
function Other({ which }: { which: Which }) {
  const pictures = picturesOf(which);
  if (machine.value.state === 'missing') {
    return (
      <div class="gan-other nothing">
        <p class="gan-state" role="status">
          Nothing trains here without WebGPU: you see a run from before.{' '}
          <a href={addressOf('machine')}>How to get WebGPU</a>
        </p>
      </div>
    );
  }
  return (
    <div class="gan-other">
      <button
        type="button"
        class="gan-swap"
        aria-label={`Show large: fakes ${captionOf(which)}`}
        disabled={!pictures}
        onClick={() => {
          wanted.value = which;
        }}
      >
        <Sheet pictures={pictures} label={`16 fakes, ${captionOf(which)}`} />
      </button>
      <div>
        <p class="gan-state" role="status">
          {which === 'own' ? stateText() : `The generator trained before, ${formatCount(storedRun.steps)} steps.`}
        </p>
        <Controls />
      </div>
    </div>
  );
}

function stateText(): string {
  const step = formatCount(steps.value.at(-1)?.step ?? 0);
  if (state.value === 'failed') return `The training has stopped: ${failure.value}`;
  if (state.value === 'starting') return 'Your generator: getting ready…';
  if (state.value === 'over') return `Your generator has learned: ${step} steps.`;
  return `Your generator ${state.value === 'paused' ? 'pauses at' : 'learns:'} step ${step} of ${formatCount(storedRun.steps)}`;
}

function Controls() {
  const resting = state.value !== 'learning' && state.value !== 'paused';
  return (
    <div class="row">
      <Button resting={resting} onClick={() => !resting && pauseOrResume()}>
        {state.value === 'paused' ? 'Go on' : 'Pause'}
      </Button>
      <Button resting={state.value === 'starting'} onClick={() => state.value !== 'starting' && startOver()}>
        Start over
      </Button>
    </div>
  );
}

const far = (distance: number | undefined) => (distance === undefined ? '…' : formatFixed(distance, 1));

function Legend() {
  const [first, now] = [measured.value[0], measured.value.at(-1)];
  return (
    <p class="gan-legend">
      <span class="generator">generator</span>
      <span class="discriminator">discriminator</span>
      <span>dashed: the run from before</span>
      <span>
        Distance to recordings in brightness and grain, the less the better: yours <strong>{far(now?.distance)}</strong>
        , from before <strong>{far(storedDistance.value?.fakes)}</strong>. Other recordings have{' '}
        {far(storedDistance.value?.recordings)}
        {first && `, yours had ${far(first.distance)} at step ${first.step}`}.
      </span>
    </p>
  );
}

/** What there is to see, in plain words; the numbers are those of the stored run. */
function Verdict() {
  const { accuracy } = storedRun.measured.at(-1)!;
  return (
    <p class="gan-verdict">
      <strong>What you see</strong> in the fakes of the run from before: two halves with a gap, and no two alike. But
      they are blotchy where recordings have an even grain, and their halves often do not match. Of pictures that it
      never saw, their discriminator tells {formatPercent(accuracy, 0)} right, the lab's baseline network{' '}
      {formatPercent(storedRun.baseline, 0)}, a coin 50 %.
    </p>
  );
}
