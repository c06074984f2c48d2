/** Max-pooling made visible: the map before it with the chosen pixels marked, and the map after it. */

import { lookOf, paint } from 'neurite/vis';
import { useMemo, useRef } from 'preact/hooks';
import { ChannelMap } from '../../../draw/channelMap.tsx';
import { usePaint } from '../../../draw/painter.ts';
import { channelOf, chosenPixels, offsetOf, type Pool } from '../../../draw/positions.ts';
import { Scale } from '../../../draw/scale.tsx';
import type { LayerOutput } from '../../protocol/index.ts';
import { channelIn } from './state.ts';

/** Pixels of the screen for one of the map's. */
const SCALE = 4;

interface Before {
  shape: number[];
  data: Float32Array;
}

/** Which pixel of each window a max-pool has chosen, in the channel that is followed. */
export function PoolChoice({ layer, before }: { layer: LayerOutput; before: Before }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const channels = layer.shape[2]!;
  const channel = channelIn(layer);
  const [height, width] = before.shape as [number, number];
  const { values, pooled, colors, range } = useMemo(() => {
    const values = channelOf(before.data, before.shape[2]!, channel);
    return { values, pooled: channelOf(layer.data, channels, channel), ...lookOf(values) };
  }, [layer, before, channel]);
  usePaint(
    canvas,
    (target) => {
      const map = document.createElement('canvas');
      paint(map, values, { width, height }, colors, range);
      const pool = { input: before.shape, output: layer.shape, ...layer.window! };
      mark(target, map, chosenPixels(layer.argmax!, channel, pool), pool);
    },
    [values, pooled],
  );
  return (
    <figure class="pool">
      <div class="pool-maps">
        <canvas
          ref={canvas}
          width={width * SCALE}
          height={height * SCALE}
          role="img"
          aria-label={`Map ${channel + 1} before pooling, with the chosen pixel of each window marked`}
        />
        <ChannelMap
          values={pooled}
          shape={[layer.shape[0]!, layer.shape[1]!, 1]}
          colors={colors}
          range={range}
          label={`Map ${channel + 1} after pooling`}
        />
      </div>
      <Scale colors={colors} range={range} />
      <figcaption class="note">
        Map {channel + 1} before and after: the marked pixel of each window is the largest, and the gradient goes back
        through it alone.
      </figcaption>
    </figure>
  );
}

/** Draws the map large, with lines between the windows and a frame around each chosen pixel. */
function mark(target: HTMLCanvasElement, map: HTMLCanvasElement, chosen: number[], pool: Pool): void {
  const { width, height } = map;
  const [down, right] = pool.strides;
  const [top, left] = [0, 1].map((i) => offsetOf(pool.input[i]!, pool.output[i]!, pool.size[i]!, pool.strides[i]!));
  const context = target.getContext('2d')!;
  context.imageSmoothingEnabled = false;
  context.drawImage(map, 0, 0, width * SCALE, height * SCALE);
  context.fillStyle = 'rgb(255 255 255 / 25%)';
  for (let x = right - left!; x < width; x += right) context.fillRect(x * SCALE, 0, 1, height * SCALE);
  for (let y = down - top!; y < height; y += down) context.fillRect(0, y * SCALE, width * SCALE, 1);
  context.strokeStyle = '#35e0d0';
  context.lineWidth = 1.5;
  for (const pixel of chosen) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    context.strokeRect(x * SCALE + 0.75, y * SCALE + 0.75, SCALE - 1.5, SCALE - 1.5);
  }
}
