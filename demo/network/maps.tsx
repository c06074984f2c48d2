import { useMemo, useState } from 'preact/hooks';
import type { LayerOutput } from '../protocol.ts';
import { Button } from '../ui/controls.tsx';
import { ChannelMap } from './map.tsx';
import { MapDialog } from './mapDialog.tsx';
import { channelRanges, type Look } from './ranges.ts';
import { Scale } from './scale.tsx';
import { channelIn, chosenChannel } from './selection.ts';

/** Feature maps that are shown at first. */
const MOST_MAPS = 32;

/** A layer's feature maps; each a button that chooses its channel. */
export function Maps({ layer, look, own }: { layer: LayerOutput; look: Look; own: boolean }) {
  const [all, setAll] = useState(false);
  const [enlarged, setEnlarged] = useState(false);
  const channels = layer.shape[2]!;
  const shown = all ? channels : Math.min(channels, MOST_MAPS);
  const { colors, range } = look;
  const ranges = useMemo(() => (own ? channelRanges(layer.data, channels, range.low < 0) : undefined), [look, own]);
  const selected = channelIn(layer);
  return (
    <>
      <ul class="maps">
        {Array.from({ length: shown }, (_, c) => (
          <li key={c}>
            <button
              type="button"
              aria-label={`${layer.name}, map ${c + 1} of ${channels}`}
              aria-pressed={selected === c}
              onClick={() => {
                chosenChannel.value = c;
              }}
            >
              <ChannelMap
                values={layer.data}
                shape={layer.shape}
                channel={c}
                colors={colors}
                range={ranges?.[c] ?? range}
              />
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        <Scale colors={colors} range={range} hidden={own} />
        <Button label={`Enlarge map ${selected + 1} of ${layer.name}`} onClick={() => setEnlarged(true)}>
          Enlarge map {selected + 1}
        </Button>
        {channels > MOST_MAPS && (
          <Button onClick={() => setAll(!all)}>{all ? 'Fewer maps' : `All ${channels} maps`}</Button>
        )}
      </div>
      {enlarged && <MapDialog layer={layer} channel={selected} onClose={() => setEnlarged(false)} />}
    </>
  );
}
