import { channelRanges, livingChannels, lookOf } from 'neurite/vis';
import { useMemo } from 'preact/hooks';
import { MapGrid } from '../../../draw/mapGrid.tsx';
import type { LayerOutput } from '../../protocol/index.ts';
import { channelIn, chosenChannel } from './state.ts';

/** Maps that are shown of a layer with more of them. */
const MOST_MAPS = 64;

/** All maps of a layer, each in its own range of colours; those that are 0 everywhere are only counted. One is followed. */
export function MapStrip({ layer }: { layer: LayerOutput }) {
  const channels = layer.shape[2]!;
  const { living, dead, colors, ranges } = useMemo(() => {
    const { colors, low } = lookOf(layer.data);
    return { ...livingChannels(layer.data, channels), colors, ranges: channelRanges(layer.data, channels, low < 0) };
  }, [layer.data]);
  return (
    <div class="map-strip">
      {/* Above the maps, and always there: how many of them there are moves nothing. */}
      <p class="note dead-maps">
        {dead.length > 0 ? `${dead.length} of ${channels} maps never fire on this picture.` : `${channels} maps`}
      </p>
      <MapGrid
        name={layer.name}
        values={layer.data}
        shape={layer.shape}
        channels={living.slice(0, MOST_MAPS)}
        colors={colors}
        ranges={ranges}
        selected={channelIn(layer)}
        onSelect={(channel) => {
          chosenChannel.value = channel;
        }}
      />
    </div>
  );
}
