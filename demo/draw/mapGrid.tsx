import { ChannelMap } from './channelMap.tsx';
import type { Palette, Range } from './colormap.ts';

interface MapGridProps {
  /** Of the layer. */
  name: string;
  /** `[height, width, channels]` */
  values: ArrayLike<number>;
  shape: readonly number[];
  /** How many of the channels, from the first. */
  shown: number;
  colors: Palette;
  range: Range;
  /** Of each channel its own, in place of the common one. */
  ranges?: readonly Range[] | undefined;
  selected: number;
  onSelect: (channel: number) => void;
}

/** A layer's feature maps side by side; each a button that chooses its channel. */
export function MapGrid({ name, values, shape, shown, colors, range, ranges, selected, onSelect }: MapGridProps) {
  return (
    <ul class="maps">
      {Array.from({ length: shown }, (_, c) => (
        <li key={c}>
          <button
            type="button"
            aria-label={`${name}, map ${c + 1} of ${shape[2]}`}
            aria-pressed={selected === c}
            onClick={() => onSelect(c)}
          >
            <ChannelMap values={values} shape={shape} channel={c} colors={colors} range={ranges?.[c] ?? range} />
          </button>
        </li>
      ))}
    </ul>
  );
}
