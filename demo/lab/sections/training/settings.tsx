/** What the next run is trained with. The learning rate also changes the run under way. */
import { formatCount, plural } from '../../../format.ts';
import { Button, NumberField } from '../../../ui/controls.tsx';
import { Late } from '../../../ui/late.tsx';
import { Panel } from '../../../ui/layout.tsx';
import { More } from '../../../ui/more.tsx';
import { VALIDATION_SPLIT } from '../../protocol/index.ts';
import { setLearningRate } from '../../runs/actions.ts';
import { running, runRate } from '../../runs/runs.ts';
import { hasDays } from '../../runs/testPictures.ts';
import { data, rowsByRole } from '../../state/data.ts';
import { changeTraining, training } from '../../state/training.ts';

/** Two significant digits: rates are guesses. */
const rounded = (rate: number) => Number(rate.toPrecision(2));

/** How many of the images train, and how many are held out. */
function splitText(): string {
  const { train, validate } = rowsByRole.value;
  if (!data.value) return 'The pictures are being made.';
  if (validate.length > 0)
    return `${plural(train.length, 'picture')} to train on, ${formatCount(validate.length)} to validate on.`;
  const held = Math.floor(train.length * VALIDATION_SPLIT);
  return `Of ${plural(train.length, 'picture')}, ${formatCount(train.length - held)} train; ${formatCount(held)} are held out, evenly by class and ${hasDays(data.value?.source ?? 'simulated') ? 'day' : 'segment'}.`;
}

export function Settings() {
  const { epochs } = training.value;
  const learningRate = runRate.value ?? training.value.learningRate;
  return (
    <Panel
      title="Settings"
      note={running.value ? 'The learning rate holds at once, the rest for the next run.' : splitText()}
    >
      <div class="fields">
        <div class="rate">
          <NumberField
            label="Learning rate"
            value={learningRate}
            min={1e-7}
            max={10}
            whenDone
            onChange={setLearningRate}
          />
          <Button label="Learning rate ÷ 3" onClick={() => setLearningRate(Math.max(1e-7, rounded(learningRate / 3)))}>
            ÷ 3
          </Button>
          <Button label="Learning rate × 3" onClick={() => setLearningRate(rounded(Math.min(10, learningRate * 3)))}>
            × 3
          </Button>
        </div>
        <NumberField
          label="Epochs"
          value={epochs}
          min={1}
          max={1000}
          whole
          onChange={(epochs) => changeTraining({ epochs })}
        />
      </div>
      <More late text="More settings, and the run in numbers">
        <Late load={async () => (await import('./settingsMore.tsx')).SettingsMore} properties={{}} />
      </More>
    </Panel>
  );
}
