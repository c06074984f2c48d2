import { useMemo, useState } from 'preact/hooks';
import { MapGrid } from '../../../draw/mapGrid.tsx';
import { channelRanges, type Look } from '../../../draw/ranges.ts';
import { Scale } from '../../../draw/scale.tsx';
import { Button } from '../../../ui/controls.tsx';
import type { LayerOutput } from '../../protocol/index.ts';
import { MapDialog } from './mapDialog.tsx';
import { channelIn, chosenChannel } from './state.ts';

/** Feature maps that are shown at first. */
const MOST_MAPS = 32;

/** A layer's feature maps; the one whose channel is followed can be enlarged. */
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
      <MapGrid
        name={layer.name}
        values={layer.data}
        shape={layer.shape}
        shown={shown}
        colors={colors}
        range={range}
        ranges={ranges}
        selected={selected}
        onSelect={(channel) => {
          chosenChannel.value = channel;
        }}
      />
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
