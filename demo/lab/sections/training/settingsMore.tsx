/** Settings that are rarely changed, and the run in numbers. */
import { NumberField, SelectField } from '../../../ui/controls.tsx';
import type { OptimizerName, ScheduleName } from '../../protocol/index.ts';
import { changeTraining as set, training } from '../../state/training.ts';
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

export function SettingsMore() {
  const { optimizer, schedule, batchSize, seed } = training.value;
  return (
    <>
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
    </>
  );
}
