/** The receptive field: which pixels of the picture one unit of a layer sees, and what it is compared with in cortex. */

import { grey, rangeOf } from 'neurite/vis';
import { useRef, useState } from 'preact/hooks';
import { ChannelMap } from '../../../draw/channelMap.tsx';
import { Slider } from '../../../lesson/slider.tsx';
import { boxOf, receptiveFields } from '../../bench/receptiveField.ts';
import type { Inspection } from '../../protocol/index.ts';

/** Areas of the visual system, from the eye on. */
const AREAS = ['V1', 'V2', 'V4', 'IT'];

export function FieldOfView({ seen }: { seen: Inspection }) {
  const layers = seen.layers.filter(({ type }) => type !== 'input');
  const [chosen, setChosen] = useState(1);
  const [place, setPlace] = useState<readonly [number, number]>([0.5, 0.5]);
  const picture = useRef<HTMLDivElement>(null);
  const { shape, data } = seen.input;
  const fields = receptiveFields(shape, layers);
  const k = Math.min(chosen, layers.length - 1);
  const [layer, field] = [layers[k]!, fields[k]!];
  const unit = [0, 1].map((i) => Math.min(layer.shape[i]! - 1, Math.floor(place[i]! * layer.shape[i]!)));
  const box = field && boxOf(field, unit, shape);
  const part = (value: number, i: 0 | 1) => `${(100 * value) / shape[i]!}%`;
  const [height, width] = (field?.size ?? []).map((size, i) => Math.min(size, shape[i]!));
  const point = (event: PointerEvent) => {
    const { left, top, width, height } = picture.current!.getBoundingClientRect();
    setPlace([(event.clientY - top) / height, (event.clientX - left) / width]);
  };
  return (
    <div class="field-of-view">
      <div ref={picture} class="field-picture" onPointerDown={point} onPointerMove={point}>
        <ChannelMap values={data} shape={shape} colors={grey} range={rangeOf(data)} label="The picture" />
        {box && (
          <span
            class="frame frame-unit"
            style={{
              ...{ top: part(box.top, 0), height: part(box.height, 0) },
              ...{ left: part(box.left, 1), width: part(box.width, 1) },
            }}
          />
        )}
      </div>
      <div>
        <Slider
          label="Layer"
          value={k}
          min={0}
          max={layers.length - 1}
          step={1}
          format={(value) => String(value + 1)}
          onChange={setChosen}
        />
        <p role="status">
          {field ? (
            <>
              One unit of {layer.name} sees{' '}
              <strong>
                {height} × {width}
              </strong>{' '}
              pixels{field.whole ? ': the whole picture' : ''}.
            </>
          ) : (
            'Behind a layer that enlarges, fields are not computed here.'
          )}
        </p>
        <ol class="areas" aria-label="The visual system, for comparison">
          {AREAS.map((area, i) => (
            <li key={area} aria-current={i === areaOf(k, layers.length) ? 'true' : undefined}>
              {area}
            </li>
          ))}
        </ol>
        <p>In visual cortex, too, fields grow from V1 to IT. It is an analogy: no layer is an area.</p>
      </div>
    </div>
  );
}

/** Layers are spread over the areas evenly. */
const areaOf = (layer: number, layers: number) => Math.round((layer / Math.max(1, layers - 1)) * (AREAS.length - 1));
