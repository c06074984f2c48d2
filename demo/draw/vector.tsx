import type { Look } from 'neurite/vis';
import { useMemo } from 'preact/hooks';
import { formatShort } from '../format.ts';
import { ChannelMap } from './channelMap.tsx';
import { Scale } from './scale.tsx';

/** Numbers of a vector that are drawn in one line. */
const LINE = 1024;

/** A list of numbers as lines of coloured cells. */
export function Vector({ name, data, look }: { name: string; data: Float32Array; look: Look }) {
  const { colors, range } = look;
  const length = data.length;
  const { padded, width, height } = useMemo(() => {
    const width = Math.min(length, LINE);
    const height = Math.ceil(length / width);
    const padded = new Float32Array(width * height);
    padded.set(data);
    return { padded, width, height };
  }, [data]);
  return (
    <div class="vector" style={{ maxWidth: length <= LINE / 4 ? `${Math.max(8, length * 1.5)}rem` : '100%' }}>
      <ChannelMap
        values={padded}
        shape={[height, width, 1]}
        colors={colors}
        range={range}
        label={`${name}: ${length} numbers from ${formatShort(range.low)} to ${formatShort(range.high)}`}
      />
      <Scale colors={colors} range={range} />
    </div>
  );
}
