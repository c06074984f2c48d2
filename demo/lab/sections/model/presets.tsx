import { Panel } from '../../../ui/layout.tsx';
import type { PresetName } from '../../protocol/index.ts';
import { choosePreset, preset } from '../../state/network.ts';

const PRESETS: { name: PresetName; title: string; text: string }[] = [
  {
    name: 'baseline',
    title: 'Baseline',
    text: 'The course’s first: one convolution, one pool, one dense layer. 62,338 parameters.',
  },
  {
    name: 'second',
    title: 'Second',
    text: 'The course’s deeper one: two convolutions, two dense layers. 206,050 parameters.',
  },
  {
    name: 'improved',
    title: 'Improved',
    text: 'Looks 32 pixels apart, where upsampling generators repeat themselves. 2,074 parameters.',
  },
  { name: 'rgb', title: 'RGB', text: 'The baseline, on images in the course’s rainbow colours. 63,938 parameters.' },
];

export function Presets() {
  return (
    <Panel
      title="Networks to begin with"
      note="Choosing one also sets what it is best trained with. Edit it below to make it your own."
    >
      <div class="presets">
        {PRESETS.map(({ name, title, text }) => (
          <button
            key={name}
            type="button"
            class="preset"
            aria-pressed={preset.value === name}
            onClick={() => choosePreset(name)}
          >
            <strong>{title}</strong>
            <span>{text}</span>
          </button>
        ))}
      </div>
      <p class="note own-network">{preset.value === 'custom' ? 'The network below is your own.' : ' '}</p>
    </Panel>
  );
}
