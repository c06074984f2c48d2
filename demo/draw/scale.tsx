import type { Palette, Range } from 'neurite/vis';
import { formatShort } from '../format.ts';
import { ChannelMap } from './channelMap.tsx';

const RAMP = Float32Array.from({ length: 64 }, (_, i) => i / 63);
const RAMP_RANGE = { low: 0, high: 1 };

interface ScaleProps {
  colors: Palette;
  range: Range;
  /** Keeps its place, but holds for nothing. */
  hidden?: boolean;
}

/** Which colour stands for which number. */
export function Scale({ colors, range, hidden = false }: ScaleProps) {
  return (
    <span class="scale" style={{ visibility: hidden ? 'hidden' : 'visible' }}>
      <span>{formatShort(range.low)}</span>
      <ChannelMap values={RAMP} shape={[1, 64, 1]} colors={colors} range={RAMP_RANGE} />
      <span>{formatShort(range.high)}</span>
    </span>
  );
}
