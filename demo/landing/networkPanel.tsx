/** The network beside the game: what it sees, how well it does, and that its numbers are those by hand. */

import { grey, heat, type Palette, paint, rainbow, rangeOf, symmetricRange } from 'neurite/vis';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { ChannelMap } from '../draw/channelMap.tsx';
import { formatPercent } from '../format.ts';
import { addressOf } from '../frame/pages.ts';
import { agrees, formatFixed } from '../lesson/agrees.ts';
import { Button } from '../ui/controls.tsx';
import { forward } from './byHand.ts';
import { failure, look, machine, pauseOrResume, progress, startOver, state } from './client.ts';
import { AccuracyCurve } from './curve.tsx';
import { labelsOf, round } from './game.ts';
import type { FeatureMaps } from './protocol.ts';
import { scoreOf } from './round.ts';
import { ALL_IMAGES, STEPS } from './training.ts';

const SIZE = 128;
/** Your share of right answers says little before. */
const LEAST_ANSWERS = 3;

export function NetworkPanel() {
  const now = round.value;
  const you =
    now && now.answers.length >= LEAST_ANSWERS ? scoreOf(labelsOf(now), now.answers) / now.answers.length : undefined;
  return (
    <section class="landing-network panel" aria-labelledby="network-title">
      <header class="landing-network-head">
        <h2 id="network-title">The network</h2>
        <p class="landing-state">{stateText()}</p>
      </header>
      <Controls />
      <Seen />
      <AccuracyCurve progress={progress.value} you={you} />
      <Legend />
    </section>
  );
}

function stateText(): string {
  const { step } = progress.value;
  if (machine.value.state === 'missing') return 'trained before';
  if (state.value === 'failed') return `It has stopped: ${failure.value}`;
  if (state.value === 'starting') return 'getting ready…';
  if (state.value === 'over') return `has learned: ${STEPS} steps`;
  return `${state.value === 'paused' ? 'paused at' : 'learning:'} step ${step} of ${STEPS}`;
}

function Controls() {
  if (machine.value.state === 'missing') return null;
  const resting = state.value !== 'learning' && state.value !== 'paused';
  return (
    <div class="landing-controls">
      <Button kind="quiet" resting={resting} onClick={() => !resting && pauseOrResume()}>
        {state.value === 'paused' ? 'Go on' : 'Pause'}
      </Button>
      <Button
        kind="quiet"
        resting={state.value === 'starting'}
        onClick={() => state.value !== 'starting' && startOver()}
      >
        Start over
      </Button>
    </div>
  );
}

/** The picture, the maps of both layers, and the probability that comes out. */
function Seen() {
  const { value } = look;
  return (
    <div class="landing-seen">
      <figure>
        <SeenPicture pixels={value?.pixels} />
        <figcaption>{round.value?.answers.length ? 'your last picture' : 'one it learns from'}</figcaption>
      </figure>
      <span class="landing-arrow" aria-hidden="true">
        →
      </span>
      <figure>
        <Maps maps={value?.maps[0]} count={4} columns={2} colors={grey} signed />
        <figcaption>its grain: 4 filters</figcaption>
      </figure>
      <span class="landing-arrow" aria-hidden="true">
        →
      </span>
      <figure>
        <Maps maps={value?.maps[1]} count={8} columns={4} colors={heat} />
        <figcaption>where the grain repeats: 8 maps</figcaption>
      </figure>
      <span class="landing-arrow" aria-hidden="true">
        →
      </span>
      <Output />
    </div>
  );
}

function SeenPicture({ pixels }: { pixels: Float32Array | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pixels) paint(canvas.current!, pixels, { width: SIZE, height: SIZE }, rainbow, { low: 0, high: 1 });
  }, [pixels]);
  return (
    <canvas ref={canvas} class="picture" width={SIZE} height={SIZE} role="img" aria-label="What the network sees" />
  );
}

/** Maps of a layer, side by side. */
function Maps(props: {
  maps: FeatureMaps | undefined;
  count: number;
  columns: number;
  colors: Palette;
  signed?: boolean;
}) {
  const { maps, count, columns, colors, signed = false } = props;
  const range = useMemo(() => maps && (signed ? symmetricRange : rangeOf)(maps.data), [maps]);
  return (
    <div class="landing-maps" style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
      {Array.from({ length: count }, (_, channel) =>
        maps && range ? (
          <ChannelMap key={channel} values={maps.data} shape={maps.shape} {...{ channel, colors, range }} />
        ) : (
          <span key={channel} class="map" />
        ),
      )}
    </div>
  );
}

/** The probability, by the GPU and by hand. */
function Output() {
  const { value } = look;
  const byHand = useMemo(() => value && forward(value.weights, value.pixels).fake, [value]);
  if (!value || byHand === undefined) return <p class="landing-output">fake, now:</p>;
  const onGpu = machine.value.state !== 'missing';
  const checked = onGpu ? { 'data-verified': 'probability of fake', 'data-reference': String(byHand) } : {};
  const equal = agrees(value.fake, byHand, 1e-3);
  return (
    <p class="landing-output">
      fake, now: <strong {...checked}>{formatFixed(value.fake, 3)}</strong>
      <span class={equal ? 'equal' : 'wrong'}>
        {!onGpu ? 'by hand (float64)' : equal ? 'GPU = by hand ✓' : `⚠ by hand ${formatFixed(byHand, 3)}`}
      </span>
    </p>
  );
}

function Legend() {
  const { training, tested } = progress.value;
  const learned = training.at(-1);
  return (
    <>
      <p class="landing-legend">
        <span class="new-animals">
          ● animals new to it: <strong>{tested ? formatPercent(tested.right / tested.count, 0) : '…'}</strong>
          {tested && ` (${tested.right} of ${tested.count})`}
        </span>
        <span class="training">
          — animals it trains on: <strong>{learned ? formatPercent(learned.value, 0) : '…'}</strong>
        </span>
      </p>
      {machine.value.state === 'missing' ? (
        <p class="computed-by landing-note" role="status">
          There is no GPU that this page may use, so no network can learn here. You see one that was trained before;
          plain TypeScript computes its answers on the CPU, in float64: “by hand”.{' '}
          <a href={addressOf('machine')}>How to get WebGPU</a>
        </p>
      ) : (
        <p class="landing-note">
          It learns on your GPU, in this page, from {4 * ALL_IMAGES} pictures of two animals. Yours, and those of its
          test, are of others. “By hand”: plain TypeScript computes the same number on the CPU, in float64.
        </p>
      )}
    </>
  );
}
