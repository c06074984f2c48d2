import { useEffect, useRef } from 'preact/hooks';
import { heat, paint, rangeOf } from '../draw/colormap.ts';
import type { LayerOutput } from '../protocol.ts';
import { ChannelMap } from './map.tsx';
import { paintSoon } from './painter.ts';
import { channelOf, chosenPixels } from './positions.ts';
import { channelIn } from './selection.ts';

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
  useEffect(() => {
    const target = canvas.current!;
    paintSoon(target, () => draw(target, layer, before, channel));
  }, [layer, before, channel]);
  const pooled = channelOf(layer.data, channels, channel);
  const range = rangeOf(channelOf(before.data, before.shape[2]!, channel));
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
          colors={heat}
          range={range}
          label={`Map ${channel + 1} after pooling`}
        />
      </div>
      <figcaption class="note">
        Map {channel + 1} before and after pooling, {layer.window!.size.join(' × ')}: the marked pixel of each window is
        the largest. In training the gradient goes back through these pixels alone.
      </figcaption>
    </figure>
  );
}

function draw(target: HTMLCanvasElement, layer: LayerOutput, before: Before, channel: number): void {
  const [height, width, channels] = before.shape as [number, number, number];
  const { size, strides } = layer.window!;
  const map = document.createElement('canvas');
  const values = channelOf(before.data, channels, channel);
  paint(map, values, { width, height }, heat, rangeOf(values));
  const context = target.getContext('2d')!;
  context.imageSmoothingEnabled = false;
  context.drawImage(map, 0, 0, width * SCALE, height * SCALE);
  context.fillStyle = 'rgb(255 255 255 / 25%)';
  for (let x = strides[1]; x < width; x += strides[1]) context.fillRect(x * SCALE, 0, 1, height * SCALE);
  for (let y = strides[0]; y < height; y += strides[0]) context.fillRect(0, y * SCALE, width * SCALE, 1);
  context.strokeStyle = '#35e0d0';
  context.lineWidth = 1.5;
  for (const pixel of chosenPixels(layer.argmax!, channel, {
    input: before.shape,
    output: layer.shape,
    size,
    strides,
  })) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    context.strokeRect(x * SCALE + 0.75, y * SCALE + 0.75, SCALE - 1.5, SCALE - 1.5);
  }
}
