import { useState } from 'preact/hooks';
import { diverging, grey, heat, type Range, rangeOf, symmetricRange } from '../draw/colormap.ts';
import { formatShape } from '../format.ts';
import type { Inspection, LayerOutput } from '../protocol.ts';
import { Button, CheckField } from '../ui/controls.tsx';
import { ChannelMap } from './map.tsx';
import { PoolChoice } from './poolChoice.tsx';
import { Scale } from './scale.tsx';
import { channelIn, chosenChannel } from './selection.ts';

/** Feature maps that are shown at first. */
const MOST_MAPS = 32;
/** Numbers of a vector that are drawn in one line. */
const LINE = 1024;

const WHAT: Record<string, string> = {
  conv2d: 'Each map says where in the image one kernel finds its pattern. The relu keeps what is above zero.',
  depthwiseConv2d: 'Each kernel looks at one channel only.',
  maxPool2d:
    'Of each window only the largest value is kept: smaller maps, the strongest findings, less of where exactly.',
  avgPool2d: 'Of each window the mean is kept.',
  globalAvgPool2d: 'Of each map only its mean is left: how often, not where.',
  flatten: 'The maps, written as one long list of numbers.',
  dense: 'Each output is a weighted sum of all numbers before it.',
  batchNormalization: 'Each channel is shifted and scaled to a mean of 0 and a variance of 1, as seen in training.',
  dropout: 'Drops numbers at random while training; here it lets everything pass.',
  activation: 'A curve that each number is sent through.',
  input: 'The image itself.',
};

/** The way of an image through the layers. */
export function Layers({ seen }: { seen: Inspection }) {
  const [own, setOwn] = useState(false);
  return (
    <div class="layers">
      <CheckField label="Give each map a colour range of its own" checked={own} onChange={setOwn} />
      <ol>
        {seen.layers.map((layer, i) => {
          const before = seen.layers[i - 1] ?? { shape: seen.input.shape, data: seen.input.data };
          return (
            <li key={layer.name}>
              <h4>
                {layer.name} <span class="note">{formatShape(layer.shape)}</span>
              </h4>
              <p class="note">{WHAT[layer.type]}</p>
              {layer.shape.length === 3 ? <Maps layer={layer} own={own} /> : <Vector layer={layer} />}
              {layer.argmax && <PoolChoice layer={layer} before={before} />}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Maps({ layer, own }: { layer: LayerOutput; own: boolean }) {
  const [all, setAll] = useState(false);
  const channels = layer.shape[2]!;
  const shown = all ? channels : Math.min(channels, MOST_MAPS);
  const { colors, range } = colorsOf(layer.data);
  const followed = channelIn(layer);
  return (
    <>
      <ul class="maps">
        {Array.from({ length: shown }, (_, c) => (
          <li key={c}>
            <button
              type="button"
              aria-label={`${layer.name}, map ${c + 1} of ${channels}`}
              aria-pressed={followed === c}
              onClick={() => {
                chosenChannel.value = c;
              }}
            >
              <ChannelMap
                values={layer.data}
                shape={layer.shape}
                channel={c}
                colors={colors}
                range={own ? channelRange(layer.data, channels, c, range) : range}
              />
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        {!own && <Scale colors={colors} range={range} />}
        {channels > MOST_MAPS && (
          <Button onClick={() => setAll(!all)}>{all ? 'Fewer maps' : `All ${channels} maps`}</Button>
        )}
      </div>
    </>
  );
}

/** A list of numbers as lines of coloured cells. */
function Vector({ layer }: { layer: LayerOutput }) {
  const { colors, range } = colorsOf(layer.data);
  const length = layer.data.length;
  const width = Math.min(length, LINE);
  const height = Math.ceil(length / width);
  const padded = new Float32Array(width * height);
  padded.set(layer.data);
  return (
    <div class="vector" style={{ maxWidth: length <= LINE / 4 ? `${Math.max(8, length * 1.5)}rem` : '100%' }}>
      <ChannelMap
        values={padded}
        shape={[height, width, 1]}
        colors={colors}
        range={range}
        label={`${layer.name}: ${length} numbers from ${range.low.toPrecision(2)} to ${range.high.toPrecision(2)}`}
      />
      <Scale colors={colors} range={range} />
    </div>
  );
}

/** Brighter is more, where nothing is negative; else blue and orange. */
function colorsOf(data: Float32Array) {
  const { low, high } = rangeOf(data);
  if (low < 0) return { colors: diverging, range: symmetricRange(data) };
  return { colors: high > 0 ? heat : grey, range: { low: 0, high: high || 1 } };
}

/** Of one channel; symmetric where that of all is. */
function channelRange(data: Float32Array, channels: number, channel: number, all: Range): Range {
  let most = 0;
  for (let i = channel; i < data.length; i += channels) most = Math.max(most, Math.abs(data[i]!));
  return { low: all.low < 0 ? -most : 0, high: most || 1 };
}
