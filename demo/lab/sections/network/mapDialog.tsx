/** The window that shows one feature map large. */

import { diverging, filtersOf, lookOf, summaryOf, symmetricRange } from 'neurite/vis';
import { useMemo } from 'preact/hooks';
import { ChannelMap } from '../../../draw/channelMap.tsx';
import { KernelTiles } from '../../../draw/kernelTiles.tsx';
import { channelOf } from '../../../draw/positions.ts';
import { Scale } from '../../../draw/scale.tsx';
import { formatPercent, formatShape, formatShort } from '../../../format.ts';
import { Button } from '../../../ui/controls.tsx';
import { Dialog } from '../../../ui/layout.tsx';
import type { LayerOutput } from '../../protocol/index.ts';
import { chosenChannel, kernels } from './state.ts';

interface MapDialogProps {
  layer: LayerOutput;
  channel: number;
  onClose: () => void;
}

/** One feature map, large, with its numbers and the kernel that made it. */
export function MapDialog({ layer, channel, onClose }: MapDialogProps) {
  const [height, width, channels] = layer.shape as [number, number, number];
  const { values, summary, colors, range } = useMemo(() => {
    const values = channelOf(layer.data, channels, channel);
    return { values, summary: summaryOf(values), ...lookOf(values) };
  }, [layer.data, channel]);
  const title = `${layer.name}, map ${channel + 1} of ${channels}`;
  const go = (places: number) => {
    chosenChannel.value = (channel + places + channels) % channels;
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="enlarged">
        <figure>
          <ChannelMap values={values} shape={[height, width, 1]} colors={colors} range={range} label={title} />
          <figcaption>
            <Scale colors={colors} range={range} />
          </figcaption>
        </figure>
        <div>
          <div class="row">
            <Button disabled={channels < 2} onClick={() => go(-1)}>
              Previous map
            </Button>
            <Button disabled={channels < 2} onClick={() => go(1)}>
              Next map
            </Button>
          </div>
          <dl>
            <dt>smallest</dt>
            <dd>{formatShort(summary.low)}</dd>
            <dt>largest</dt>
            <dd>{formatShort(summary.high)}</dd>
            <dt>mean</dt>
            <dd>{formatShort(summary.mean)}</dd>
            <dt>exactly zero</dt>
            <dd>{formatPercent(summary.zeros, 0)}</dd>
          </dl>
          <MadeBy layer={layer} channel={channel} />
        </div>
      </div>
    </Dialog>
  );
}

/** The kernel that made a map of a convolution. */
function MadeBy({ layer, channel }: { layer: LayerOutput; channel: number }) {
  const set = kernels.value.find((set) => set.layer === layer.name);
  if (!set) return null;
  const filters = filtersOf(set.shape, layer.type === 'depthwiseConv2d' ? 'depthwiseConv2d' : 'conv2d');
  const range = symmetricRange(set.data);
  return (
    <figure class="made-by">
      <KernelTiles set={set} filters={filters} output={channel} range={range} />
      <figcaption class="note">
        Made by kernel {channel + 1}: {formatShape([filters.height, filters.width, filters.inputs])}. Violet takes away,
        green adds.
      </figcaption>
      <Scale colors={diverging} range={range} />
    </figure>
  );
}
