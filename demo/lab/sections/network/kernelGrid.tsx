import { diverging, filtersOf, symmetricRange } from 'neurite/vis';
import { KernelTiles, MOST_INPUTS } from '../../../draw/kernelTiles.tsx';
import { Scale } from '../../../draw/scale.tsx';
import { formatShape } from '../../../format.ts';
import type { KernelSet } from '../../protocol/index.ts';
import { channelIn, chosenChannel, inspection } from './state.ts';

/** All kernels of a layer; each a button that chooses its channel. */
export function KernelGrid({ set, depthwise }: { set: KernelSet; depthwise: boolean }) {
  const filters = filtersOf(set.shape, depthwise ? 'depthwiseConv2d' : 'conv2d');
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
