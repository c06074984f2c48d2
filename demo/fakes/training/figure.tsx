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

function Legend() {
  const now = measured.value.at(-1);
  return (
    <p class="gan-legend">
      <span class="generator">generator</span>
      <span class="discriminator">discriminator</span>
      <span>dashed: the run from before</span>
      <span>
        Distance to recordings in brightness and grain: yours{' '}
        <strong>{now ? formatFixed(now.distance, 1) : '…'}</strong>, from before{' '}
        <strong>{storedDistance.value === undefined ? '…' : formatFixed(storedDistance.value, 1)}</strong>
      </span>
    </p>
  );
}

/** What there is to see, in plain words; the numbers are those of the stored run. */
function Verdict() {
  const { accuracy } = storedRun.measured.at(-1)!;
  return (
    <p class="gan-verdict">
      <strong>What you see.</strong> The fakes of the run from before have two halves, a gap between them and bright
      areas at their places, and no two are alike. But they are blotchy where recordings have a fine, even grain; their
      halves often do not match; the brightest show a regular weave; and rare pictures, nearly black ones for example,
      are nearly missing. Their discriminator is right on {formatPercent(accuracy, 0)} of pictures that it never saw,
      the lab's baseline network, trained on these fakes and recordings, on {formatPercent(storedRun.baseline, 0)}; a
      coin on 50 %.
    </p>
  );
}
