import { formatCount, formatNumber, formatPercent, formatSeconds } from '../format.ts';
import { machine, progress } from '../state/lab.ts';
import { live, obstacle, pause, resume, running, runState, start, step, stop, testing } from '../state/runs.ts';
import { Button } from './controls.tsx';

/** The controls of training, always at hand at the bottom of the screen. */
export function Transport() {
  return (
    <section class="transport" aria-label="Training controls">
      <Buttons />
      <State />
      <Numbers />
    </section>
  );
}

function Buttons() {
  const state = runState.value;
  const ready = machine.value.state === 'ready' && obstacle.value === undefined && !testing.value;
  const paused = state === 'paused';
  return (
    <div class="transport-buttons">
      {!running.value && (
        <Button kind="main" disabled={!ready} onClick={() => start()}>
          Start
        </Button>
      )}
      {running.value && !paused && (
        <Button kind="main" disabled={state !== 'training' && state !== 'validating'} onClick={pause}>
          Pause
        </Button>
      )}
      {paused && (
        <Button kind="main" onClick={resume}>
          Resume
        </Button>
      )}
      <Button disabled={!paused} onClick={step} label="Train one step">
        Step
      </Button>
      <Button disabled={!running.value || state === 'stopping'} onClick={stop} label="Stop training">
        Stop
      </Button>
    </div>
  );
}

const STATES: Record<string, string> = {
  preparing: 'preparing',
  training: 'training',
  paused: 'paused',
  validating: 'validating',
  recovering: 'the GPU was lost: recovering',
  stopping: 'stopping after this step',
};

function State() {
  const now = live.value;
  const state = runState.value;
  const work = progress.value.test ?? progress.value.compile ?? progress.value.data;
  let text = STATES[state] ?? (testing.value ? 'testing' : 'ready');
  if (state === 'idle' && obstacle.value) text = obstacle.value;
  else if (state === 'idle' && machine.value.state === 'missing') text = 'training needs WebGPU';
  else if (work && (state === 'preparing' || state === 'idle')) text = work.what;
  else if (now && state !== 'idle') {
    text = `${text}: epoch ${now.epoch + 1} of ${now.epochs}, step ${now.step} of ${now.stepsPerEpoch}`;
  }
  const part =
    work && !now ? work.done / work.total : now ? (now.epoch + now.step / now.stepsPerEpoch) / now.epochs : 0;
  return (
    <div class="transport-state">
      {/* Said aloud at each change of state; the text beside it changes with every step. */}
      <span class="visually-hidden" role="status">
        {STATES[state] ?? 'not training'}
      </span>
      <span class="transport-text" data-state={state}>
        {text}
      </span>
      <progress max={1} value={part} aria-label="Progress of training" />
    </div>
  );
}

function Numbers() {
  const now = live.value;
  return (
    <dl class="transport-numbers">
      <div>
        <dt>loss</dt>
        <dd>{now ? formatNumber(now.loss) : '–'}</dd>
      </div>
      <div>
        <dt>accuracy</dt>
        <dd>{now ? formatPercent(now.accuracy) : '–'}</dd>
      </div>
      <div class="wide">
        <dt>images/s</dt>
        <dd>{now && Number.isFinite(now.imagesPerSecond) ? formatCount(now.imagesPerSecond) : '–'}</dd>
      </div>
      <div class="wide time">
        <dt>time left</dt>
        <dd>{now && running.value ? formatSeconds(now.secondsLeft) : '–'}</dd>
      </div>
    </dl>
  );
}
