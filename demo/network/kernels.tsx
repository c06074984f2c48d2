import { useState } from 'preact/hooks';
import { diverging, symmetricRange } from '../draw/colormap.ts';
import { formatShape } from '../format.ts';
import type { KernelSet } from '../protocol.ts';
import { CheckField, SelectField } from '../ui/controls.tsx';
import { Empty, Panel } from '../ui/layout.tsx';
import { ChannelMap } from './map.tsx';
import { Scale } from './scale.tsx';
import { channelIn, chosenChannel } from './selection.ts';
import { firstKernels, inspection, kernels } from './watch.ts';

/** Input channels that are shown of each kernel. */
const MOST_INPUTS = 8;

/** The convolution kernels, as they are now. */
export function Kernels() {
  const sets = kernels.value;
  const [layer, setLayer] = useState('');
  const [change, setChange] = useState(false);
  const set = sets.find((set) => set.layer === layer) ?? sets[0];
  return (
    <Panel
      title="Kernels"
      note="Each square is one kernel: the numbers that it multiplies a patch of the image with, before adding them up. Blue is negative, orange positive. They begin as noise; training makes detectors of them. Choose one to follow its channel below."
    >
      {set ? (
        <>
          <div class="row">
            {sets.length > 1 && (
              <SelectField
                label="Layer"
                value={set.layer}
                options={sets.map(({ layer }) => ({ value: layer, label: layer }))}
                onChange={setLayer}
              />
            )}
            <CheckField label="Show the change since training began" checked={change} onChange={setChange} />
          </div>
          <KernelGrid set={change ? difference(set) : set} />
        </>
      ) : (
        <Empty>Press Start: the kernels of the network will be seen here, changing as they learn.</Empty>
      )}
    </Panel>
  );
}

function KernelGrid({ set }: { set: KernelSet }) {
  const [height, width, inputs, outputs] = set.shape as [number, number, number, number];
  const range = symmetricRange(set.data);
  const shown = Math.min(inputs, MOST_INPUTS);
  const made = inspection.value?.layers.find(({ name }) => name === set.layer);
  const selected = made ? channelIn(made) : chosenChannel.value;
  return (
    <>
      <ul class={`kernels ${shown > 1 ? 'deep' : ''}`}>
        {Array.from({ length: outputs }, (_, k) => (
          <li key={k}>
            <button
              type="button"
              style={{ gridTemplateColumns: `repeat(${Math.min(shown, 4)}, 1fr)` }}
              aria-pressed={selected === k}
              aria-label={`kernel ${k + 1} of ${outputs}`}
              onClick={() => {
                chosenChannel.value = k;
              }}
            >
              {Array.from({ length: shown }, (_, c) => (
                <ChannelMap
                  key={c}
                  values={set.data}
                  shape={[height, width, inputs * outputs]}
                  channel={c * outputs + k}
                  colors={diverging}
                  range={range}
                />
              ))}
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        <Scale colors={diverging} range={range} />
        <span class="note">
          {set.layer}: {outputs} kernels of {formatShape([height, width, inputs])}
          {shown < inputs && `, the first ${shown} of ${inputs} input channels`}
        </span>
      </div>
    </>
  );
}

/** Less the kernels that were seen first. */
function difference(set: KernelSet): KernelSet {
  const first = firstKernels.value.find(({ layer }) => layer === set.layer);
  if (first?.data.length !== set.data.length) return set;
  return { ...set, data: set.data.map((value, i) => value - first.data[i]!) };
}
