/** What the next run is trained with. The learning rate also changes the run under way. */
import { formatCount, plural } from '../../../format.ts';
import { Button, NumberField, SelectField } from '../../../ui/controls.tsx';
import { Panel } from '../../../ui/layout.tsx';
import { More } from '../../../ui/more.tsx';
import {
  type OptimizerName,
  type ScheduleName,
  type TrainingSettings,
  VALIDATION_SPLIT,
} from '../../protocol/index.ts';
import { setLearningRate } from '../../runs/actions.ts';
import { running, runRate } from '../../runs/runs.ts';
import { rowsByRole } from '../../state/data.ts';
import { training } from '../../state/training.ts';
import { Numbers } from './numbers.tsx';

const OPTIMIZERS: { value: OptimizerName; label: string }[] = [
  { value: 'adam', label: 'Adam' },
  { value: 'adamw', label: 'AdamW' },
  { value: 'sgd', label: 'SGD' },
  { value: 'rmsprop', label: 'RMSprop' },
];

const SCHEDULES: { value: ScheduleName; label: string }[] = [
  { value: 'constant', label: 'constant' },
  { value: 'cosine', label: 'cosine, down to 0' },
];

/** Keras' defaults. */
const RATES: Record<OptimizerName, number> = { adam: 0.001, adamw: 0.001, sgd: 0.01, rmsprop: 0.001 };

const set = (change: Partial<TrainingSettings>) => {
  training.value = { ...training.value, ...change };
};

/** Two significant digits: rates are guesses. */
const rounded = (rate: number) => Number(rate.toPrecision(2));

/** How many of the images train, and how many are held out. */
function splitText(): string {
  const { train, validate } = rowsByRole.value;
  if (validate.length > 0)
    return `${plural(train.length, 'picture')} to train on, ${formatCount(validate.length)} to validate on.`;
  const held = Math.floor(train.length * VALIDATION_SPLIT);
  return `Of ${plural(train.length, 'picture')}, ${formatCount(train.length - held)} train; ${formatCount(held)} of the same days, equally many of each class, are held out.`;
}

export function Settings() {
  const { optimizer, schedule, batchSize, epochs, seed } = training.value;
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
        <NumberField label="Epochs" value={epochs} min={1} max={1000} whole onChange={(epochs) => set({ epochs })} />
      </div>
      <More text="More settings, and the run in numbers">
        <div class="fields">
          <SelectField
            label="Optimizer"
            value={optimizer}
            options={OPTIMIZERS}
            onChange={(name) => set({ optimizer: name, learningRate: RATES[name] })}
          />
          <SelectField
            label="Rate over time"
            value={schedule}
            options={SCHEDULES}
            onChange={(schedule) => set({ schedule })}
          />
          <NumberField
            label="Batch size"
            value={batchSize}
            min={1}
            max={1024}
            whole
            onChange={(batchSize) => set({ batchSize })}
          />
          <NumberField label="Seed" value={seed} min={0} max={2 ** 31} whole onChange={(seed) => set({ seed })} />
        </div>
        <Numbers />
      </More>
    </Panel>
  );
}
