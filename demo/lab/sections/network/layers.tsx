/** What each layer makes of the chosen image, from the first to the last. */

import { lookOf } from 'neurite/vis';
import { useMemo } from 'preact/hooks';
import { Vector } from '../../../draw/vector.tsx';
import { formatShape } from '../../../format.ts';
import type { Inspection, LayerOutput } from '../../protocol/index.ts';
import { captionOf } from './captions.ts';
import { InputMaps } from './inputMaps.tsx';
import { Maps } from './maps.tsx';
import { PoolChoice } from './poolChoice.tsx';

/** The way of an image through the layers. */
export function Layers({ seen }: { seen: Inspection }) {
  return (
    <ol class="layers">
      <li>
        <h4>picture {formatShape(seen.input.shape)}</h4>
        <InputMaps input={seen.input} />
      </li>
      {seen.layers.map((layer, i) => {
        // The picture is there already.
        if (layer.type === 'input') return null;
        const last = i === seen.layers.length - 1;
        return <Layer key={layer.name} layer={layer} before={seen.layers[i - 1] ?? seen.input} last={last} />;
      })}
    </ol>
  );
}

interface LayerProps {
  layer: LayerOutput;
  before: { shape: number[]; data: Float32Array };
  last: boolean;
}

function Layer({ layer, before, last }: LayerProps) {
  const look = useMemo(() => lookOf(layer.data), [layer.data]);
  return (
    <li>
      <h4>
        {layer.name} {formatShape(layer.shape)}
      </h4>
      <p>{captionOf(layer.type, look.low, last)}</p>
      {layer.shape.length === 3 ? <Maps layer={layer} /> : <Vector name={layer.name} data={layer.data} look={look} />}
      {layer.argmax && <PoolChoice layer={layer} before={before} />}
    </li>
  );
}
