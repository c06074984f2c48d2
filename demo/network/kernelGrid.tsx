import { diverging, type Range, symmetricRange } from '../draw/colormap.ts';
import { formatShape } from '../format.ts';
import type { KernelSet } from '../protocol.ts';
import { type Filters, filtersOf } from './filters.ts';
import { ChannelMap } from './map.tsx';
import { Scale } from './scale.tsx';
import { channelIn, chosenChannel } from './selection.ts';
import { inspection } from './watch.ts';

/** Input channels that are shown of each kernel. */
const MOST_INPUTS = 8;
/** Side by side in one kernel's square. */
const IN_A_ROW = 4;

/** All kernels of a layer; each a button that chooses its channel. */
export function KernelGrid({ set, depthwise }: { set: KernelSet; depthwise: boolean }) {
  const filters = filtersOf(set, depthwise);
  const { height, width, inputs, outputs } = filters;
  const range = symmetricRange(set.data);
  const made = inspection.value?.layers.find(({ name }) => name === set.layer);
  const selected = made ? channelIn(made) : chosenChannel.value;
  return (
    <>
      <ul class={`kernels ${inputs > 1 ? 'deep' : ''}`}>
        {Array.from({ length: outputs }, (_, k) => (
          <li key={k}>
            <button
              type="button"
              aria-pressed={selected === k}
              aria-label={`kernel ${k + 1} of ${outputs}`}
              onClick={() => {
                chosenChannel.value = k;
              }}
            >
              <KernelTiles set={set} filters={filters} output={k} range={range} />
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        <Scale colors={diverging} range={range} />
        <span class="note">
          {set.layer}: {outputs} kernels of {formatShape([height, width, inputs])}
          {inputs > 1 &&
            `; a tile for each ${inputs > MOST_INPUTS ? `of the first ${MOST_INPUTS} of ${inputs} ` : ''}input channel${inputs > MOST_INPUTS ? 's' : ''}`}
        </span>
      </div>
    </>
  );
}

/** One kernel: a tile for each of its input channels. */
export function KernelTiles(props: { set: KernelSet; filters: Filters; output: number; range: Range }) {
  const { set, filters, output, range } = props;
  const { height, width, inputs, outputs } = filters;
  const shown = Math.min(inputs, MOST_INPUTS);
  return (
    <span class="tiles" style={{ gridTemplateColumns: `repeat(${Math.min(shown, IN_A_ROW)}, 1fr)` }}>
      {Array.from({ length: shown }, (_, input) => (
        <ChannelMap
          key={input}
          values={set.data}
          shape={[height, width, inputs * outputs]}
          channel={filters.channel(output, input)}
          colors={diverging}
          range={range}
        />
      ))}
    </span>
  );
}
