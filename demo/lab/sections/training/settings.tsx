/** What the next run is trained with. The learning rate also changes the run under way. */
import { formatCount } from '../../../format.ts';
import { Button, NumberField, SelectField } from '../../../ui/controls.tsx';
import { Panel } from '../../../ui/layout.tsx';
import type { OptimizerName, ScheduleName, TrainingSettings } from '../../protocol/index.ts';
import { setLearningRate } from '../../runs/actions.ts';
import { running, runRate } from '../../runs/runs.ts';
import { rowsByRole } from '../../state/data.ts';
import { training } from '../../state/training.ts';

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

export function Settings() {
  const { optimizer, schedule, batchSize, epochs, seed } = training.value;
  const learningRate = runRate.value ?? training.value.learningRate;
  const images = rowsByRole.value.train.length;
  return (
    <Panel
      title="Settings"
      note={
        running.value
          ? 'The learning rate changes the run under way, at once. The rest is for the next run.'
          : `An epoch is one pass over the training images, in steps of one batch: each step moves the weights once.`
      }
    >
      <div class="fields">
        <SelectField
          label="Optimizer"
          value={optimizer}
          options={OPTIMIZERS}
          onChange={(name) => set({ optimizer: name, learningRate: RATES[name] })}
        />
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
          hint={images > 0 ? `of ${formatCount(images)} images` : ' '}
          onChange={(batchSize) => set({ batchSize })}
        />
        <NumberField label="Epochs" value={epochs} min={1} max={1000} whole onChange={(epochs) => set({ epochs })} />
        <NumberField label="Seed" value={seed} min={0} max={2 ** 31} whole onChange={(seed) => set({ seed })} />
      </div>
    </Panel>
  );
}
