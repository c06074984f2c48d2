import { Button, Segmented } from '../../ui/controls.tsx';
import type { PresetName } from '../protocol/index.ts';
import { beginWith, drawChosen } from '../runs/initialize.ts';
import { running } from '../runs/runs.ts';
import { preset } from '../state/network.ts';
import { drawnPreset, waits } from './drawn.ts';

const PRESETS: readonly { value: PresetName; label: string; text: string }[] = [
  { value: 'baseline', label: 'Baseline', text: 'One convolution, one pool, one dense layer.' },
  { value: 'second', label: 'Second', text: 'Deeper: two convolutions, two dense layers.' },
  { value: 'improved', label: 'Improved', text: 'Compares pixels that lie 32 apart.' },
  { value: 'rgb', label: 'RGB', text: 'The baseline, on pictures in colours.' },
];

const find = (name: PresetName | 'custom') => PRESETS.find(({ value }) => value === name);
const labelOf = (name: PresetName | 'custom') => find(name)?.label ?? 'your own network';

/** The networks to begin with. The one that is drawn stands out; one that is for the next run says so. */
export function Presets() {
  return (
    <div class="row presets">
      <Segmented<PresetName | 'custom'>
        label="Network"
        value={preset.value}
        inForce={drawnPreset.value}
        options={PRESETS}
        onChange={(name) => beginWith(name as PresetName)}
      />
      {waits.value ? (
        <Waiting />
      ) : (
        <span class="preset-text">{find(drawnPreset.value)?.text ?? 'Your own network.'}</span>
      )}
    </div>
  );
}

function Waiting() {
  const [chosen, drawn] = [labelOf(preset.value), labelOf(drawnPreset.value)];
  const other = chosen === drawn ? 'as it was' : drawn;
  return (
    <span class="preset-waits" role="status">
      For the next run: <strong>{chosen}</strong>. Here: {other}.{' '}
      {!running.value && (
        <Button kind="quiet" label={`Draw ${chosen} now`} onClick={drawChosen}>
          Draw it now
        </Button>
      )}
    </span>
  );
}
