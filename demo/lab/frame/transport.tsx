/** The bar below the page: the buttons of training, its state and its numbers, from whatever section one looks at. */

import { formatNumber, formatPercent } from '../../format.ts';
import { Button } from '../../ui/controls.tsx';
import { Values } from '../../ui/values.tsx';
import { machine, progress } from '../client.ts';
import { pause, resume, start, step, stop } from '../runs/actions.ts';
import {
  currentModel,
  findRun,
  initializing,
  live,
  obstacle,
  paused,
  running,
  runState,
  runs,
  testing,
  testKindNow,
} from '../runs/runs.ts';
import { TEST_TEXTS, testKindOf } from '../runs/testPictures.ts';
import { isSound } from '../score.ts';
import { loading } from '../state/data.ts';
import { MendButton } from './mendButton.tsx';
import { nameOf, stateText } from './stateText.ts';

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
  const ready = machine.value.state === 'ready' && obstacle.value === undefined;
  // One button, whatever it does, and never disabled by itself: so the focus stays.
  const [text, act] = running.value ? (paused.value ? ['Resume', resume] : ['Pause', pause]) : ['Start', () => start()];
  return (
    <div class="transport-buttons">
      <Button
        kind="main"
        id="start"
        disabled={!running.value && !ready}
        resting={testing.value || state === 'stopping'}
        onClick={act}
      >
        {text}
      </Button>
      <Button
        disabled={running.value ? state !== 'paused' : !ready}
        resting={testing.value}
        onClick={step}
        label="Train one step"
      >
        Step
      </Button>
      <Button resting={!running.value || state === 'stopping'} onClick={stop} label="Stop training">
        Stop
      </Button>
    </div>
  );
}

function State() {
  const now = live.value;
  const state = runState.value;
  const work = progress.value.test ?? progress.value.compile ?? progress.value.data;
  const part =
    work && !now ? work.done / work.total : now ? (now.epoch + now.step / now.stepsPerEpoch) / now.epochs : 0;
  return (
    <div class="transport-state">
      {/* Said aloud at each change of state; the text beside it changes with every step. */}
      <span class="visually-hidden" role="status">
        {state === 'idle' ? 'not training' : nameOf(state, now)}
      </span>
      <div class="transport-line">
        <span class="transport-text" data-state={state}>
          {stateText({
            state,
            now,
            work: work?.what ?? (initializing.value ? 'preparing the network' : undefined),
            loading: loading.value,
            paused: paused.value,
            testing: testing.value,
            machine: machine.value.state,
            obstacle: obstacle.value,
          })}
        </span>
        {!running.value && <MendButton />}
      </div>
      <progress max={1} value={part} aria-label="Progress of training" />
    </div>
  );
}

/** From the loss to what counts: the test. */
function Numbers() {
  const now = live.value;
  const run = findRun(currentModel.value?.run) ?? runs.value.at(-1);
  const held = run?.epochs.at(-1)?.valAccuracy;
  const tested = run?.test && isSound(run.test) ? run.test.accuracy : undefined;
  const test = TEST_TEXTS[run ? testKindOf(run) : testKindNow.value];
  const percent = (part: number | undefined) => (part === undefined ? '–' : formatPercent(part));
  const numbers: [name: string, value: string, hint?: string][] = [
    ['loss', now ? formatNumber(now.loss) : '–'],
    ['accuracy', percent(now?.accuracy)],
    ['held out', percent(held), 'On pictures of the training days that are not trained on'],
    [test.name, percent(tested), test.note],
  ];
  return <Values class="transport-numbers" rows={numbers} />;
}
