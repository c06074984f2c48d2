import type { Palette, Range } from 'neurite/vis';
import { ChannelMap } from './channelMap.tsx';

interface MapGridProps {
  /** Of the layer. */
  name: string;
  /** `[height, width, channels]` */
  values: ArrayLike<number>;
  shape: readonly number[];
  /** Those that are shown, in this order. */
  channels: readonly number[];
  colors: Palette;
  /** Of each channel. */
  ranges: readonly Range[];
  selected: number;
  onSelect: (channel: number) => void;
}

/** A layer's feature maps side by side; each a button that chooses its channel. */
export function MapGrid({ name, values, shape, channels, colors, ranges, selected, onSelect }: MapGridProps) {
  return (
    <ul class="maps">
      {channels.map((c, place) => (
        // By its place: when a map more is shown, none of the others moves, but shows another channel.
        <li key={`${place}`}>
          <button
            type="button"
            aria-label={`${name}, map ${c + 1} of ${shape[2]}`}
            aria-pressed={selected === c}
            onClick={() => onSelect(c)}
          >
            <ChannelMap values={values} shape={shape} channel={c} colors={colors} range={ranges[c]!} />
          </button>
        </li>
      ))}
    </ul>
  );
}
