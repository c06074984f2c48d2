/** What each layer makes of the chosen image, from the first to the last. */
import { useMemo, useState } from 'preact/hooks';
import { lookOf } from '../../../draw/ranges.ts';
import { Vector } from '../../../draw/vector.tsx';
import { formatShape } from '../../../format.ts';
import { CheckField } from '../../../ui/controls.tsx';
import type { Inspection, LayerOutput } from '../../protocol/index.ts';
import { captionOf } from './captions.ts';
import { InputMaps } from './inputMaps.tsx';
import { Maps } from './maps.tsx';
import { PoolChoice } from './poolChoice.tsx';

/** The way of an image through the layers. */
export function Layers({ seen }: { seen: Inspection }) {
  const [own, setOwn] = useState(false);
  return (
    <div class="layers">
      <CheckField label="Give each map a colour range of its own" checked={own} onChange={setOwn} />
      <ol>
        <li>
          <h4>
            picture <span class="note">{formatShape(seen.input.shape)}</span>
          </h4>
          <p class="note">What the network gets: no colours, only numbers. Bright is a large one.</p>
          <InputMaps input={seen.input} />
        </li>
        {seen.layers.map((layer, i) => {
          // The picture is there already.
          if (layer.type === 'input') return null;
          const last = i === seen.layers.length - 1;
          return (
            <Layer key={layer.name} layer={layer} before={seen.layers[i - 1] ?? seen.input} own={own} last={last} />
          );
        })}
      </ol>
    </div>
  );
}

interface LayerProps {
  layer: LayerOutput;
  before: { shape: number[]; data: Float32Array };
  own: boolean;
  last: boolean;
}

function Layer({ layer, before, own, last }: LayerProps) {
  const look = useMemo(() => lookOf(layer.data), [layer.data]);
  return (
    <li>
      <h4>
        {layer.name} <span class="note">{formatShape(layer.shape)}</span>
      </h4>
      <p class="note">{captionOf(layer.type, look.low, last)}</p>
      {layer.shape.length === 3 ? (
        <Maps layer={layer} look={look} own={own} />
      ) : (
        <Vector name={layer.name} data={layer.data} look={look} />
      )}
      {layer.argmax && <PoolChoice layer={layer} before={before} />}
    </li>
  );
}
