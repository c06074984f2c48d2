import { lookOf } from 'neurite/vis';
import { channelOf } from '../../../draw/positions.ts';
import { Scale } from '../../../draw/scale.tsx';
import { Later } from '../../../ui/later.tsx';
import type { LayerOutput } from '../../protocol/index.ts';
import { MapStrip } from './mapStrip.tsx';
import { channelIn } from './state.ts';

/** A layer's feature maps; the one whose channel is followed can be enlarged. */
export function Maps({ layer }: { layer: LayerOutput }) {
  const selected = channelIn(layer);
  const { colors, range } = lookOf(channelOf(layer.data, layer.shape[2]!, selected));
  return (
    <>
      <MapStrip layer={layer} />
      <div class="row">
        <Later
          text={`Enlarge map ${selected + 1}`}
          label={`Enlarge map ${selected + 1} of ${layer.name}`}
          load={async () => (await import('./mapDialog.tsx')).MapDialog}
          properties={{ layer, channel: selected }}
        />
        <Scale colors={colors} range={range} />
      </div>
    </>
  );
}
