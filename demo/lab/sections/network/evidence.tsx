import { diverging, grey, heat, rangeOf, symmetricRange } from 'neurite/vis';
import { useMemo } from 'preact/hooks';
import { ChannelMap } from '../../../draw/channelMap.tsx';
import { meanOf, strengthOf } from '../../../draw/pixels.ts';
import { Scale } from '../../../draw/scale.tsx';
import { CLASS_NAMES, type Inspection } from '../../protocol/index.ts';

/** The gradient of the winning logit by the image's pixels. */
export function Evidence({ seen }: { seen: Inspection }) {
  const [height, width, channels] = seen.saliency.shape as [number, number, number];
  const { image, strength, signed, ranges } = useMemo(() => {
    const image = meanOf(seen.input.data, channels);
    const strength = strengthOf(seen.saliency.data, channels);
    const signed = meanOf(seen.saliency.data, channels);
    const most = rangeOf(strength).high || 1;
    const ranges = { image: rangeOf(image), strength: { low: 0, high: most }, signed: symmetricRange(signed) };
    return { image, strength, signed, ranges };
  }, [seen]);
  const shape = [height, width, 1];
  const winner = CLASS_NAMES[seen.probabilities[1]! > 0.5 ? 1 : 0];
  return (
    <div class="evidence">
      <figure>
        <ChannelMap values={image} shape={shape} colors={grey} range={ranges.image} label="The image in grey" />
        <figcaption>
          <Scale colors={grey} range={ranges.image} /> {channels === 1 ? 'the image' : 'the image, mean of its colours'}
        </figcaption>
      </figure>
      <figure>
        <ChannelMap
          values={strength}
          shape={shape}
          colors={heat}
          range={ranges.strength}
          label="Size of the gradient at each pixel"
        />
        <figcaption>
          <Scale colors={heat} range={ranges.strength} /> how much each pixel counts
        </figcaption>
      </figure>
      <figure>
        <ChannelMap
          values={signed}
          shape={shape}
          colors={diverging}
          range={ranges.signed}
          label="Sign and size of the gradient at each pixel"
        />
        <figcaption>
          <Scale colors={diverging} range={ranges.signed} /> more {winner} if brighter (green) or darker (violet)
        </figcaption>
      </figure>
    </div>
  );
}
