import { diverging, type Filters, type Range } from 'neurite/vis';
import { ChannelMap } from './channelMap.tsx';
import type { Kernels } from './filters.ts';

/** Input channels that are shown of each kernel. */
export const MOST_INPUTS = 8;
/** Side by side in one kernel's square. */
const IN_A_ROW = 4;

/** One kernel: a tile for each of its input channels. */
export function KernelTiles(props: { set: Kernels; filters: Filters; output: number; range: Range }) {
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
