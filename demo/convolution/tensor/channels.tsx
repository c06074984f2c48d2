/** A colour picture is a tensor of three channels, which can be turned down one by one. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useBrainPictures } from '../../lesson/brainPicture.tsx';
import { Figure } from '../../lesson/figure.tsx';
import { Slider } from '../../lesson/slider.tsx';
import { BRAIN } from '../sweep/picture.ts';
import { colored, drawRgb } from './rgb.ts';

const SIZE = 128;
const CHANNELS = ['red', 'green', 'blue'] as const;
type Parts = [red: number, green: number, blue: number];

export function ChannelsFigure() {
  const brain = useBrainPictures(BRAIN)?.[0];
  const rgb = useMemo(() => brain && colored(brain), [brain]);
  const [parts, setParts] = useState<Parts>([1, 1, 1]);
  const [pixel, setPixel] = useState({ row: 40, column: 90 });
  const at = 3 * (pixel.row * SIZE + pixel.column);
  return (
    <Figure
      id="channels"
      title="A picture’s third index is its channel"
      text={`A colour picture is a tensor of shape (${SIZE}, ${SIZE}, 3): each pixel has one number for red, one for green and one for blue. Turn a channel down, or point at a pixel.`}
    >
      <div class="channels">
        <div class="matrix">
          <code class="matrix-name">x</code>
          <RgbPicture rgb={rgb} parts={parts} label="The picture, of all channels" onPoint={setPixel} />
        </div>
        {CHANNELS.map((name, channel) => (
          <div key={name} class="matrix">
            <code class="matrix-name">x[:, :, {channel}]</code>
            <RgbPicture
              rgb={rgb}
              parts={CHANNELS.map((_, c) => (c === channel ? parts[c]! : 0)) as Parts}
              label={`The ${name} channel`}
              onPoint={setPixel}
            />
            <Slider
              label={name}
              value={parts[channel]!}
              min={0}
              max={1}
              step={0.05}
              format={(part) => `${Math.round(100 * part)} %`}
              onChange={(part) => setParts(parts.with(channel, part) as Parts)}
            />
          </div>
        ))}
      </div>
      <p class="pixel-readout">
        <code>
          x[{pixel.row}, {pixel.column}, :] = [{Array.from(rgb?.subarray(at, at + 3) ?? []).join(' ')}]
        </code>
        <span class="swatch" style={rgb && { background: `rgb(${Array.from(rgb.subarray(at, at + 3)).join(' ')})` }} />
      </p>
    </Figure>
  );
}

function RgbPicture(props: {
  rgb: Uint8ClampedArray | undefined;
  parts: Parts;
  label: string;
  onPoint: (pixel: { row: number; column: number }) => void;
}) {
  const { rgb, parts, label, onPoint } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (rgb) drawRgb(canvas.current!, rgb, parts);
  }, [rgb, ...parts]);
  const point = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const pixel = (part: number) => Math.min(SIZE - 1, Math.max(0, Math.floor(part * SIZE)));
    onPoint({ row: pixel((event.clientY - top) / height), column: pixel((event.clientX - left) / width) });
  };
  return (
    <canvas
      ref={canvas}
      class="picture"
      width={SIZE}
      height={SIZE}
      role="img"
      aria-label={label}
      onPointerMove={point}
      onPointerDown={point}
    />
  );
}
