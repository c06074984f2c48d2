/** What can be chosen: the data beside the network, and how it is trained below it. */
import { useMemo } from 'preact/hooks';
import { Slider } from '../../lesson/slider.tsx';
import { SelectField } from '../../ui/controls.tsx';
import { Steps } from './networkView.tsx';
import { pointsOf, TASKS, type Task } from './points.ts';
import { MOST_LAYERS, type Settings } from './setup.ts';
import { Dots } from './surfaceView.tsx';

const PICTURE_POINTS = 90;

export function TaskChoice({ task, onChange }: { task: Task; onChange: (task: Task) => void }) {
  const pictures = useMemo(() => TASKS.map(({ value }) => pointsOf(value, PICTURE_POINTS, 0, 1)), []);
  return (
    <fieldset class="tasks">
      <legend>Data</legend>
      {TASKS.map(({ value, label }, i) => (
        <label key={value} class={value === task ? 'chosen' : ''}>
          <input type="radio" name="task" checked={value === task} onChange={() => onChange(value)} />
          <Dots points={pictures[i]!} task={value} radius={0.16} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** What the weight decay does, and that it is none of what is called regularization elsewhere. */
export function DecayNote({ rate, decay }: Settings) {
  return (
    <p class="decay-note note" role="status">
      Weight decay as in AdamW: each step also takes {rate} · {decay} = {Number((100 * rate * decay).toPrecision(3))} %
      off every weight and bias. It is no L2 penalty: the losses have no term for it.
    </p>
  );
}

const RATES = ['0.001', '0.003', '0.01', '0.03', '0.1', '0.3'].map((value) => ({ value, label: value }));
const DECAYS = ['0', '0.01', '0.03', '0.1', '0.3', '1'].map((value) => ({ value, label: value }));
const ACTIVATIONS = [
  { value: 'tanh', label: 'tanh' },
  { value: 'sigmoid', label: 'sigmoid' },
  { value: 'relu', label: 'relu' },
  { value: 'linear', label: 'none (linear)' },
] as const;

export function SettingsView(props: { settings: Settings; onChange: (changes: Partial<Settings>) => void }) {
  const { settings, onChange } = props;
  const { hidden } = settings;
  const layers = (count: number) =>
    onChange({ hidden: count > hidden.length ? [...hidden, hidden.at(-1) ?? 4] : hidden.slice(0, count) });
  return (
    <div class="settings">
      <div class="field">
        <span class="field-name">Hidden layers</span>
        <span class="layer-count">
          <strong>{hidden.length}</strong>
          <Steps what="hidden layer" value={hidden.length} least={0} most={MOST_LAYERS} onChange={layers} />
        </span>
      </div>
      <SelectField
        label="Activation"
        value={settings.activation}
        options={ACTIVATIONS}
        onChange={(activation) => onChange({ activation })}
      />
      <SelectField
        label="Learning rate"
        value={String(settings.rate)}
        options={RATES}
        onChange={(rate) => onChange({ rate: Number(rate) })}
      />
      <SelectField
        label="Weight decay"
        value={String(settings.decay)}
        options={DECAYS}
        onChange={(decay) => onChange({ decay: Number(decay) })}
      />
      <Slider
        label="Noise"
        value={settings.noise}
        min={0}
        max={1}
        step={0.1}
        format={(noise) => `${Math.round(100 * noise)} %`}
        onChange={(noise) => onChange({ noise })}
      />
    </div>
  );
}
