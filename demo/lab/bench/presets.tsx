import { Segmented } from '../../ui/controls.tsx';
import type { PresetName } from '../protocol/index.ts';
import { beginWith } from '../runs/initialize.ts';
import { preset } from '../state/network.ts';

const PRESETS: readonly { value: PresetName; label: string; text: string }[] = [
  { value: 'baseline', label: 'Baseline', text: 'One convolution, one pool, one dense layer.' },
  { value: 'second', label: 'Second', text: 'Deeper: two convolutions, two dense layers.' },
  { value: 'improved', label: 'Improved', text: 'Compares pixels that lie 32 apart.' },
  { value: 'rgb', label: 'RGB', text: 'The baseline, on pictures in colours.' },
];

/** The networks to begin with. */
export function Presets() {
  const chosen = PRESETS.find(({ value }) => value === preset.value);
  return (
    <div class="row presets">
      <Segmented<PresetName | 'custom'>
        label="Network"
        value={preset.value}
        options={PRESETS}
        onChange={(name) => beginWith(name as PresetName)}
      />
      <span class="preset-text">{chosen?.text ?? 'Your own network.'}</span>
    </div>
  );
}
