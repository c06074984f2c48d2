import { diverging, grey, heat, rangeOf, symmetricRange } from '../draw/colormap.ts';
import { CLASS_NAMES, type Inspection } from '../protocol.ts';
import { ChannelMap } from './map.tsx';
import { channelOf } from './positions.ts';

/** The gradient of the winning logit by the image's pixels. */
export function Evidence({ seen }: { seen: Inspection }) {
  const { shape, data } = seen.saliency;
  const channels = shape[2]!;
  const flat = [shape[0]!, shape[1]!, 1];
  const image = mean(seen.input.data, channels);
  const strength = Float32Array.from({ length: data.length / channels }, (_, p) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += Math.abs(data[p * channels + c]!);
    return sum;
  });
  const signed = channels === 1 ? data : mean(data, channels);
  const winner = CLASS_NAMES[seen.probabilities[1]! > 0.5 ? 1 : 0];
  return (
    <div class="evidence">
      <figure>
        <ChannelMap values={image} shape={flat} colors={grey} range={rangeOf(image)} label="The image in grey" />
        <figcaption>{channels === 1 ? 'the image' : 'the image, mean of its colours'}</figcaption>
      </figure>
      <figure>
        <ChannelMap
          values={strength}
          shape={flat}
          colors={heat}
          range={{ low: 0, high: rangeOf(strength).high || 1 }}
          label="Size of the gradient at each pixel"
        />
        <figcaption>how much each pixel counts</figcaption>
      </figure>
      <figure>
        <ChannelMap
          values={signed}
          shape={flat}
          colors={diverging}
          range={symmetricRange(signed)}
          label="Sign and size of the gradient at each pixel"
        />
        <figcaption>orange: brighter would be more {winner}; blue: darker would</figcaption>
      </figure>
    </div>
  );
}

const mean = (data: Float32Array, channels: number) => {
  if (channels === 1) return data;
  const parts = Array.from({ length: channels }, (_, c) => channelOf(data, channels, c));
  return parts[0]!.map((_, p) => parts.reduce((sum, part) => sum + part[p]!, 0) / channels);
};
