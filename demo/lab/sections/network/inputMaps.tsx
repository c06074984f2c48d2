import { grey, rangeOf } from 'neurite/vis';
import { useMemo } from 'preact/hooks';
import { ChannelMap } from '../../../draw/channelMap.tsx';
import { Scale } from '../../../draw/scale.tsx';
import type { Inspection } from '../../protocol/index.ts';

/** The picture's channels, as the network sees them: one, or red, green and blue. */
export function InputMaps({ input: { shape, data } }: { input: Inspection['input'] }) {
  const channels = shape[2]!;
  const range = useMemo(() => rangeOf(data), [data]);
  return (
    <>
      <div class="input-maps">
        {Array.from({ length: channels }, (_, c) => (
          <ChannelMap
            key={c}
            values={data}
            shape={shape}
            channel={c}
            colors={grey}
            range={range}
            label={channels === 1 ? 'The picture, in grey' : `The picture's channel ${c + 1} of ${channels}`}
          />
        ))}
      </div>
      <Scale colors={grey} range={range} />
    </>
  );
}
